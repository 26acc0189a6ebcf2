import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCorrupt } from './corrupt.js';
import { runNeighbours } from './neighbours.js';
import { runOutage, type Dependency } from './outage.js';
import { runOverload } from './overload.js';
import { pageOf } from './page.js';
import { runChaos } from './run.js';
import { runStorms } from './storms.js';

const usage = `npm run chaos -- [options]

Kills, stops, cuts and rebalances a stack of its own while simulated sensors play, then compares everything with a run without faults.

  --minutes N   of sound under fire (default 20)
  --faults N    over that time (default 5 a minute)
  --sensors N   over MQTT, HTTP and gRPC together (default 84: 100,000 frames in 20 minutes)
  --seed N      of the faults and the sound (default 1)
  --out DIR     where chaos-<seed>.json and .html go (default .earshot/chaos)
  --json        one line of JSON instead of the summary

Instead of that, on a stack of its own:

  --storms N    N rebalances while sensors play, then N rounds of one message after idling; longest recoveries
  --corrupt N   N pairs of rounds of good input alone and with 1 % of every kind of bad input; rates, dead letters, memory
  --overload X  X times the sensors (of --sensors, default 60) for --minutes; memory, recovery, what was lost
  --neighbours N  N times: what a sensor at 100 times its speed, and one that sends a day of stored sound, do to the others' latency
  --outage W    kafka or clickhouse is away, or the disk (needs root) full, for --minutes while 12 sensors play; answers, what was lost, recovery

Exit status 1 when something was lost, came twice or differs.
`;

const numberOf = (name: string, text: string, min: number, max: number): number => {
  const value = Number(text);
  if (!(value >= min && value <= max)) throw new Error(`--${name} ${text}: ${min} to ${max}`);
  return value;
};

const dependencyOf = (text: string): Dependency => {
  if (text === 'kafka' || text === 'clickhouse' || text === 'disk') return text;
  throw new Error(`--outage ${text}: kafka, clickhouse or disk`);
};

const parse = () => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '20' },
      faults: { type: 'string' },
      sensors: { type: 'string' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string', default: '.earshot/chaos' },
      json: { type: 'boolean', default: false },
      storms: { type: 'string' },
      corrupt: { type: 'string' },
      overload: { type: 'string' },
      outage: { type: 'string' },
      neighbours: { type: 'string' },
    },
  });
  const minutes = numberOf('minutes', values.minutes, 0.5, 600);
  return {
    minutes,
    faults: Math.round(numberOf('faults', values.faults ?? String(5 * minutes), 1, 100_000)),
    sensors: values.sensors === undefined ? null : Math.round(numberOf('sensors', values.sensors, 3, 900)),
    seed: Math.round(numberOf('seed', values.seed, 0, 2 ** 31)),
    out: values.out,
    json: values.json,
    storms: values.storms === undefined ? null : Math.round(numberOf('storms', values.storms, 1, 1000)),
    outage: values.outage === undefined ? null : dependencyOf(values.outage),
    neighbours: values.neighbours === undefined ? null : Math.round(numberOf('neighbours', values.neighbours, 1, 100)),
    corrupt: values.corrupt === undefined ? null : Math.round(numberOf('corrupt', values.corrupt, 1, 100)),
    overload: values.overload === undefined ? null : Math.round(numberOf('overload', values.overload, 2, 100)),
  };
};

const readOptions = () => {
  try {
    return parse();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return null;
  }
};

type Options = ReturnType<typeof parse>;
type Say = (text: string) => void;

const chaos = async (options: Options, say: Say): Promise<readonly string[]> => {
  const report = await runChaos({ ...options, sensors: options.sensors ?? 84, say });
  const file = join(options.out, `chaos-${options.seed}`);
  await writeFile(`${file}.json`, `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(`${file}.html`, pageOf(report));
  const { frames, faults, outputs, problems } = report;
  const told = problems.length === 0 ? 'nothing lost, nothing twice, all outputs equal' : problems.join('\n  ');
  const summary =
    `${faults.length} faults over ${frames.acknowledged} acknowledged frames, ${frames.stored} stored; ` +
    `outputs ${outputs.map(({ topic, distinct }) => `${topic} ${distinct}`).join(', ')}\n${told}\n${file}.html\n`;
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : summary);
  return problems;
};

const storms = async (rounds: number, { out, json }: Options, say: Say): Promise<readonly string[]> => {
  const report = await runStorms({ rounds, say });
  await writeFile(join(out, 'storms.json'), `${JSON.stringify(report, null, 1)}\n`);
  const { longestStandS, longestIdleS, stalls, idleStalls, problems } = report;
  const summary =
    `${rounds} rebalances: ${stalls} stalls, longest stand ${JSON.stringify(longestStandS)} s; ` +
    `${rounds} idle rounds: ${idleStalls} stalls, longest ${longestIdleS} s\n${problems.join('\n')}\n`;
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : summary);
  return problems;
};

const corrupt = async (rounds: number, { out, json, sensors }: Options, say: Say): Promise<readonly string[]> => {
  const report = await runCorrupt({ rounds, sensors: sensors ?? 24, secondsPerRound: 120, say });
  await writeFile(join(out, 'corrupt.json'), `${JSON.stringify(report, null, 1)}\n`);
  const { ratio, badSent, badShare, lettersFound, lettersExpected, memoryMb, problems } = report;
  const summary =
    `good input at ${ratio.toFixed(3)} of its rate without ${badSent} bad ones (${(100 * badShare).toFixed(1)} %); ` +
    `${lettersFound} of ${lettersExpected} dead letters right; memory ${memoryMb.map(({ total }) => total).join(', ')} MB\n` +
    `${problems.join('\n')}\n`;
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : summary);
  return problems;
};

const overload = async (
  factor: number,
  { out, json, sensors, minutes }: Options,
  say: Say,
): Promise<readonly string[]> => {
  const report = await runOverload({ factor, minutes, sensors: sensors ?? 60, say });
  await writeFile(join(out, 'overload.json'), `${JSON.stringify(report, null, 1)}\n`);
  const { memoryRatio, worstService, recoveryS, acknowledged, stored, acknowledgedPerS, problems } = report;
  const summary =
    `${factor} times ${report.sensors} sensors for ${minutes} min: stored ${acknowledgedPerS.map((rate) => rate.toFixed(0)).join(' and ')} frames/s; ` +
    `memory ${memoryRatio.toFixed(2)} of normal (${worstService.name} ${worstService.ratio.toFixed(2)}); normal again after ${recoveryS.toFixed(0)} s; ` +
    `${acknowledged} acknowledged, ${stored} stored\n${problems.join('\n')}\n`;
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : summary);
  return problems;
};

const neighbours = async (rounds: number, { out, json, sensors }: Options, say: Say): Promise<readonly string[]> => {
  const report = await runNeighbours({ rounds, sensors: sensors ?? 12, say });
  await writeFile(join(out, 'neighbours.json'), `${JSON.stringify(report, null, 1)}\n`);
  const told = (['fast', 'backfill'] as const).map(
    (kind) =>
      `${kind} (${report[kind].neighbourFramesPerS.toFixed(0)} frames/s of it stored): p95 of the others ${report[kind].ratio.toFixed(2)} of that alone`,
  );
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${told.join('; ')}\n${report.problems.join('\n')}\n`);
  return report.problems;
};

const outage = async (dependency: Dependency, options: Options, say: Say): Promise<readonly string[]> => {
  const { out, json, sensors, minutes } = options;
  const report = await runOutage({ dependency, minutes, sensors: sensors ?? 12, say });
  await writeFile(join(out, `outage-${dependency}.json`), `${JSON.stringify(report, null, 1)}\n`);
  const { answers, acknowledged, stored, recoveryS, memoryBeforeMb, memoryAfterMb, problems } = report;
  const summary =
    `${dependency} ${dependency === 'disk' ? 'full' : 'away'} for ${minutes} min: uploads answered ${JSON.stringify(answers)}; ${acknowledged} acknowledged, ${stored} stored; ` +
    `all there ${recoveryS.toFixed(0)} s later; memory ${memoryBeforeMb.total} and ${memoryAfterMb.total} MB\n${problems.join('\n')}\n`;
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : summary);
  return problems;
};

const run = (options: Options, say: Say): Promise<readonly string[]> => {
  if (options.storms !== null) return storms(options.storms, options, say);
  if (options.corrupt !== null) return corrupt(options.corrupt, options, say);
  if (options.neighbours !== null) return neighbours(options.neighbours, options, say);
  if (options.outage !== null) return outage(options.outage, options, say);
  if (options.overload !== null) return overload(options.overload, options, say);
  return chaos(options, say);
};

const options = readOptions();
if (options === null) process.exitCode = 2;
else {
  const begin = performance.now();
  const say = (text: string): void => {
    process.stderr.write(`[${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s] ${text}\n`);
  };
  await mkdir(options.out, { recursive: true });
  try {
    process.exitCode = (await run(options, say)).length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
}
