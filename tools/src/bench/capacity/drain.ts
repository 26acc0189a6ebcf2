import { setTimeout as sleep } from 'node:timers/promises';
import { drained, makeSensor, type MadeSensor } from '../../chaos/sensors.js';
import { queryOf, type Query } from '../../chaos/stored.js';
import { startOwnStack, type OwnStack } from '../../testing/own-stack.js';
import { spreadOf, type Spread } from '../spread.js';
import { cpuSecondsOf } from '../../process/usage.js';
import type { Load } from './load.js';
import { CAPACITY_SETTINGS, startLoadOn } from './stack.js';
import { cpuBetween, cpuOf, memoryMbOf, totalOf } from './stack-cpu.js';

export interface DrainOptions {
  readonly sensors: number;
  /** Of sound per sensor and run. */
  readonly seconds: number;
  /** Measured; one more comes before them. */
  readonly runs: number;
  readonly protocol: 'mqtt' | 'grpc';
  readonly seed: number;
  readonly say: (text: string) => void;
}

export interface DrainReport {
  readonly bench: 'capacity';
  readonly sound: string;
  readonly protocol: string;
  readonly sensors: number;
  readonly secondsPerSensor: number;
  readonly runs: number;
  /** Sound per CPU time of everything but the load generator, s/s. */
  readonly sensorSecondsPerCoreSecond: Spread;
  /** The same, run by run. */
  readonly perRun: readonly number[];
  /** CPU time per second of sound of one sensor, ms; median of the runs. */
  readonly perProcess: Readonly<Record<string, number>>;
  /** The generator's own, ms per second of sound; not in the others. */
  readonly generatorMs: number;
  /** Sound per second by the clock. */
  readonly sensorSecondsPerSecond: Spread;
  readonly memoryMb: Readonly<Record<string, number>>;
}

/** Sensors may send faster than sound is heard. */
const SETTINGS = {
  ...CAPACITY_SETTINGS,
  INGESTION__SENSOR_RATE: '1000000',
  INGESTION__SENSOR_BURST_S: '1000000',
  INGESTION__TENANT_RATE: '100000000',
  INGESTION__TENANT_BURST_S: '100000000',
  INGESTION__BACKFILL_AFTER_S: String(366 * 86_400),
  INGESTION__MAX_LAG_S: '3600',
};

const REGISTERED_AT_ONCE = 8;

export const makeSensors = async (
  stack: OwnStack,
  count: number,
  idOf: (index: number) => string,
): Promise<readonly MadeSensor[]> => {
  const made: MadeSensor[] = [];
  for (let from = 0; from < count; from += REGISTERED_AT_ONCE) {
    const some = Array.from({ length: Math.min(REGISTERED_AT_ONCE, count - from) }, (_, index) => from + index);
    made.push(...(await Promise.all(some.map((index) => makeSensor(stack, idOf(index))))));
  }
  return made;
};

const levelsOf = async (query: Query, bootId: string): Promise<number> => {
  const sql = `SELECT count() AS n FROM earshot.levels_1s_rows WHERE boot_id = '${bootId}'`;
  return Number((await query<{ n: string }>(sql))[0]?.n ?? 0);
};

/** Seconds in the windows of a minute, which are the last to come. */
const aggregatedOf = async (query: Query): Promise<string> =>
  (await query<{ n: string }>('SELECT sum(seconds) AS n FROM earshot.levels_1m'))[0]?.n ?? '0';

/** One run: everything sent, then everything read, stored and aggregated. */
const runOnce = async (stack: OwnStack, load: Load, query: Query, bootId: string, options: DrainOptions) => {
  const { sensors, seconds } = options;
  const anchorTimeUs = (Math.floor(Date.now() / 1000) - seconds) * 1e6;
  const before = cpuOf(stack);
  const generatorBefore = cpuSecondsOf(load.pid);
  const begin = performance.now();
  const { sent, refused } = await load.play({ bootId, anchorTimeUs, seconds, paced: false, loudEveryS: 0 });
  const sentAfterS = (performance.now() - begin) / 1000;
  if (refused > 0) throw new Error(`${refused} of ${sent} frames were refused`);
  const expected = sensors * seconds;
  while ((await levelsOf(query, bootId)) < expected) await sleep(2_000);
  const allAfterS = (performance.now() - begin) / 1000;
  let cpu = cpuBetween(before, cpuOf(stack));
  const onChange = (): void => {
    cpu = cpuBetween(before, cpuOf(stack));
  };
  await drained(stack, { stored: () => aggregatedOf(query), settleMs: 12_000, atMostS: 900, onChange });
  options.say(
    `${bootId}: sent after ${sentAfterS.toFixed(1)} s, levels stored after ${allAfterS.toFixed(1)} s, ` +
      `${(expected / totalOf(cpu)).toFixed(0)} sensor-s per core-s: ` +
      [...cpu].map(([name, cpuS]) => `${name} ${((1000 * cpuS) / expected).toFixed(2)}`).join(', '),
  );
  return { cpu, expected, allAfterS, generatorS: cpuSecondsOf(load.pid) - generatorBefore };
};

/** Drains what many sensors sent at once through the whole of a stack of its own: doors, broker, stages, database. */
export const benchDrain = async (options: DrainOptions): Promise<DrainReport> => {
  const { sensors, seconds, runs, protocol, seed, say } = options;
  say('Starting a stack …');
  const stack = await startOwnStack(SETTINGS);
  try {
    const query = queryOf(stack.status.clickhouseUrl);
    const made = await makeSensors(stack, sensors, (index) => `drain-${String(index + 1).padStart(4, '0')}`);
    const load = await startLoadOn(stack, made, { protocol, seed });
    say(`${sensors} sensors over ${protocol} play ${load.sound}`);
    await runOnce(stack, load, query, 'warm-up', options);
    const results: Awaited<ReturnType<typeof runOnce>>[] = [];
    for (let run = 1; run <= runs; run++) results.push(await runOnce(stack, load, query, `run-${run}`, options));
    const memoryMb = Object.fromEntries([...memoryMbOf(stack)].map(([name, mb]) => [name, Math.round(mb)]));
    await load.stop();
    const perSecond = (of: (result: (typeof results)[number]) => number): number =>
      spreadOf(results.map((result) => (1000 * of(result)) / result.expected)).median;
    const perRun = results.map(({ cpu, expected }) => expected / totalOf(cpu));
    const names = [...(results[0]?.cpu.keys() ?? [])];
    return {
      bench: 'capacity',
      sound: load.sound,
      ...{ protocol, sensors, secondsPerSensor: seconds, runs },
      sensorSecondsPerCoreSecond: spreadOf(perRun),
      perRun,
      perProcess: Object.fromEntries(names.map((name) => [name, perSecond(({ cpu }) => cpu.get(name) ?? 0)])),
      generatorMs: perSecond(({ generatorS }) => generatorS),
      sensorSecondsPerSecond: spreadOf(results.map(({ expected, allAfterS }) => expected / allAfterS)),
      memoryMb,
    };
  } finally {
    await stack.stop();
  }
};
