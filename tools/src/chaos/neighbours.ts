import { spreadOf } from '../bench/spread.js';
import { startOwnStack, type OwnStack } from '../testing/own-stack.js';
import { createProbes, type Probe } from './probe.js';
import { queryOf } from './stored.js';

export interface NeighboursOptions {
  /** Of each kind of neighbour: a calm minute, then one beside it. */
  readonly rounds: number;
  /** Live sensors besides the ones that are measured. */
  readonly sensors: number;
  readonly say: (text: string) => void;
}

/** p95 from sending a frame to its stored level, s: of calm minutes, of the minutes beside the neighbour, and the median of their ratios. */
export interface NeighbourEffect {
  readonly calmP95S: readonly number[];
  readonly besideP95S: readonly number[];
  readonly ratio: number;
  /** Frames of the neighbour itself that were stored a second. */
  readonly neighbourFramesPerS: number;
}

export interface NeighboursReport {
  readonly sensors: number;
  readonly probes: number;
  /** One sensor that sends a hundred times too fast. */
  readonly fast: NeighbourEffect;
  /** One sensor that sends a day of stored sound, as fast as it is taken. */
  readonly backfill: NeighbourEffect;
  readonly problems: readonly string[];
}

const PROBES = 8;
const MINUTE_MS = 60_000;
/** The neighbour has used up its bucket, or what it left has been read. */
const SETTLE_MS = 45_000;
const MOST_RATIO = 1.1;
const RATE_HZ = '16000';
const DAY_S = 86_400;
const FAST = 100;

const p95 = (values: readonly number[]): number => {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.floor(ascending.length * 0.95)] ?? NaN;
};

const measure = async (probes: readonly Probe[], forMs = MINUTE_MS): Promise<number> => {
  const endMs = performance.now() + forMs;
  const latencies: number[] = [];
  await Promise.all(
    probes.map(async (probe) => {
      while (performance.now() < endMs) latencies.push(await probe.measure());
    }),
  );
  return p95(latencies);
};

const neighbours = {
  fast: () => ['--rate', String(FAST), '--duration-s', String(DAY_S)],
  backfill: () => ['--start', String(Date.now() - DAY_S * 1000), '--duration-s', String(DAY_S)],
} as const;

const beside = async (
  stack: OwnStack,
  probes: readonly Probe[],
  kind: keyof typeof neighbours,
  { rounds, say }: NeighboursOptions,
): Promise<NeighbourEffect> => {
  const calmP95S: number[] = [];
  const besideP95S: number[] = [];
  let storedFrames = 0;
  const stored = (): Promise<number> =>
    stack.scalar(`SELECT count() FROM earshot.levels_1s WHERE startsWith(sensor_id, '${kind}')`);
  for (let round = 0; round < rounds; round++) {
    await measure(probes, SETTLE_MS);
    calmP95S.push(await measure(probes));
    const over = new AbortController();
    const playing = stack.play(
      over.signal,
      ...['--sensors', '1', '--prefix', `${kind}${round}`, '--protocol', 'grpc', '--source', 'synthetic'],
      ...['--sample-rate-hz', RATE_HZ, '--json', ...neighbours[kind]()],
    );
    await measure(probes, SETTLE_MS);
    const before = await stored();
    besideP95S.push(await measure(probes));
    storedFrames += (await stored()) - before;
    over.abort();
    await playing;
    say(
      `${kind} ${round + 1}/${rounds}: p95 ${calmP95S.at(-1)?.toFixed(3)} s alone, ${besideP95S.at(-1)?.toFixed(3)} s beside it`,
    );
  }
  const ratios = besideP95S.map((value, at) => value / (calmP95S[at] ?? NaN));
  return {
    ...{ calmP95S, besideP95S, ratio: spreadOf(ratios).median },
    neighbourFramesPerS: storedFrames / ((rounds * MINUTE_MS) / 1000),
  };
};

/** What one sensor that takes more than its share does to the others, on a stack of its own. */
export const runNeighbours = async (options: NeighboursOptions): Promise<NeighboursReport> => {
  const { sensors, say } = options;
  say('Starting a stack …');
  const stack = await startOwnStack({ FLEET__SILENT_AFTER_S: '3600' });
  const over = new AbortController();
  try {
    const query = queryOf(stack.status.clickhouseUrl);
    const ids = Array.from({ length: PROBES }, (_, at) => `probe-${at}`);
    const probes = await createProbes(stack, query, ids);
    const live = stack.play(
      over.signal,
      ...['--sensors', String(sensors), '--prefix', 'live', '--source', 'synthetic', '--sample-rate-hz', RATE_HZ],
    );
    const fast = await beside(stack, probes, 'fast', options);
    const backfill = await beside(stack, probes, 'backfill', options);
    over.abort();
    await live;
    for (const probe of probes) await probe.close();
    const effects = { fast, backfill };
    const problems = Object.entries(effects)
      .filter(([, { ratio }]) => !(ratio <= MOST_RATIO))
      .map(
        ([kind, { ratio }]) => `beside ${kind} p95 was ${ratio.toFixed(2)} times that alone, more than ${MOST_RATIO}`,
      );
    return { sensors, probes: PROBES, ...effects, problems };
  } finally {
    over.abort();
    await stack.stop();
  }
};
