import { callersPath } from '../analyze/options.js';
import { readSettings } from '../config/settings.js';
import { findEndpoints } from '../simulator/endpoints.js';
import { KeyStore } from '../simulator/key-store.js';
import { parseOptions, usage, UsageError, type SimulateOptions } from '../simulator/options.js';
import { Registration } from '../simulator/registration.js';
import type { Tally } from '../simulator/sensor-run.js';
import { simulate } from '../simulator/simulate.js';
import { chooseSound, recordingsFolder } from '../simulator/sound/choose.js';
import { createTruthFile } from '../simulator/truth.js';

const PROGRESS_MS = 10_000;
/** After Ctrl-C: how long the acknowledgements that are due may take. */
const LAST_ACKS_MS = 2_000;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const sumOf = (tallies: readonly Tally[]): Tally => ({
  sent: tallies.reduce((sum, tally) => sum + tally.sent, 0),
  acknowledged: tallies.reduce((sum, tally) => sum + tally.acknowledged, 0),
  refused: tallies.reduce((sum, tally) => sum + tally.refused, 0),
});

const progressLine = (tallies: readonly Tally[]): string => {
  const { sent, acknowledged, refused } = sumOf(tallies);
  return `${tallies.length} sensors: ${sent} s sent, ${acknowledged} s acknowledged, ${refused} refused, ${sent - acknowledged - refused} under way`;
};

/** The first SIGINT or SIGTERM ends the sound, a second one the waiting. */
const stopOnSignals = (stop: AbortController, giveUp: AbortController): (() => void) => {
  const onSignal = (): void => {
    if (stop.signal.aborted) {
      giveUp.abort();
      return;
    }
    stop.abort();
    setTimeout(() => giveUp.abort(), LAST_ACKS_MS).unref();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
};

const play = async (options: SimulateOptions): Promise<number> => {
  const { stateDir } = readSettings(process.env);
  const endpoints = findEndpoints(options, stateDir);
  const sound = chooseSound({
    ...options,
    source: ['auto', 'synthetic'].includes(options.source) ? options.source : callersPath(options.source),
    recordingsFolder: recordingsFolder(),
    warn: say,
  });
  say(`${options.sensors} sensors over ${options.protocol}, ${options.rate} × real time: ${sound.description}`);
  const tallies: Tally[] = [];
  const stop = new AbortController();
  const giveUp = new AbortController();
  const release = stopOnSignals(stop, giveUp);
  let stopped: boolean;
  const progress = setInterval(() => say(progressLine(tallies)), PROGRESS_MS);
  try {
    await simulate({
      options,
      endpoints,
      registration: new Registration(
        endpoints.apiUrl,
        endpoints.apiKey,
        options.tenant,
        new KeyStore(stateDir),
        stop.signal,
      ),
      sound,
      truth: createTruthFile(options.truth === undefined ? undefined : callersPath(options.truth)),
      stop: stop.signal,
      giveUp: giveUp.signal,
      tallies,
    });
    stopped = stop.signal.aborted;
  } finally {
    clearInterval(progress);
    // Nothing is to go on behind the summary.
    stop.abort();
    giveUp.abort();
    release();
  }
  const total = sumOf(tallies);
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ sensors: options.sensors, sentSeconds: total.sent, acknowledgedSeconds: total.acknowledged, refused: total.refused, prefix: options.prefix })}\n`,
    );
  else say(progressLine(tallies));
  return total.sent === total.acknowledged || stopped ? 0 : 1;
};

/** `earshot simulate`: answers the exit status; 1 when something sent was refused. */
export const run = async (argv: string[]): Promise<number> => {
  try {
    const options = parseOptions(argv, process.env);
    if (options === null) {
      process.stdout.write(usage);
      return 0;
    }
    return await play(options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
};
