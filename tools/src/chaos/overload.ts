import { setTimeout as sleep } from 'node:timers/promises';
import { startOwnStack, type OwnStack } from '../testing/own-stack.js';
import { memoryOf, type MemoryMb } from './memory.js';
import { createProbes, PROBE_RATE_HZ, type Probe } from './probe.js';
import { drained, tallyOf } from './sensors.js';
import { queryOf, type Query } from './stored.js';

export interface OverloadOptions {
  /** Of overload; a minute of normal load comes before it. */
  readonly minutes: number;
  /** Of normal load; under overload there are `factor` times as many. */
  readonly sensors: number;
  readonly factor: number;
  readonly say: (text: string) => void;
}

interface Phase {
  /** From sending a frame to its stored level, of a sensor of its own that was there before the overload, s. */
  readonly p95S: number;
  readonly frames: number;
  readonly memoryMb: MemoryMb;
  /** Longest lag of any stage, s. */
  readonly lagS: number;
}

export interface OverloadReport {
  readonly sensors: number;
  readonly factor: number;
  readonly minutes: number;
  readonly normal: Phase;
  readonly overload: Phase;
  /** Frames acknowledged a second, normal and under overload. */
  readonly acknowledgedPerS: readonly [number, number];
  readonly memoryRatio: number;
  /** Largest of the services' own ratios. */
  readonly worstService: { readonly name: string; readonly ratio: number };
  /** From the end of the overload to normal latency and lag, s. */
  readonly recoveryS: number;
  readonly acknowledged: number;
  readonly stored: number;
  readonly problems: readonly string[];
}

const NORMAL_MS = 60_000;
const SAMPLE_MS = 1_000;
const MOST_MEMORY = 1.5;
const MOST_RECOVERY_S = 60;
const GIVE_UP_S = 300;
/** Normal again: so many probes in a row within the longest of normal load and half a second. */
const CALM_PROBES = 5;

const larger = (a: MemoryMb | null, b: MemoryMb): MemoryMb => {
  if (a === null) return b;
  const byService = Object.fromEntries(
    Object.entries(b.byService).map(([name, mb]) => [name, Math.max(mb, a.byService[name] ?? 0)]),
  );
  return { total: Math.max(a.total, b.total), byService };
};

const lagOf = async (stack: OwnStack): Promise<number> =>
  Math.max(0, ...(await stack.refresh()).services.map(({ lagSeconds }) => lagSeconds ?? 0));

/** Measures until `ended`. */
const watch = async (stack: OwnStack, probe: Probe, query: Query, ended: AbortSignal): Promise<Phase> => {
  const latencies: number[] = [];
  let memoryMb: MemoryMb | null = null;
  let lagS = 0;
  const count = async (): Promise<number> => {
    const [row] = await query<{ n: string }>('SELECT count() AS n FROM earshot.levels_1s');
    return Number(row?.n ?? 0);
  };
  const before = await count();
  const probing = (async () => {
    while (!ended.aborted) latencies.push(await probe.measure());
  })();
  while (!ended.aborted) {
    memoryMb = larger(memoryMb, memoryOf(stack));
    lagS = Math.max(lagS, await lagOf(stack));
    await sleep(SAMPLE_MS);
  }
  await probing;
  latencies.sort((a, b) => a - b);
  return {
    p95S: latencies[Math.floor(latencies.length * 0.95)] ?? NaN,
    frames: (await count()) - before,
    memoryMb: memoryMb ?? memoryOf(stack),
    lagS,
  };
};

const recovered = async (stack: OwnStack, probe: Probe, normal: Phase): Promise<number> => {
  const begin = performance.now();
  const seconds = (): number => (performance.now() - begin) / 1000;
  let firstCalmS = 0;
  for (let calm = 0; calm < CALM_PROBES && seconds() < GIVE_UP_S;) {
    const [latencyS, lagS] = [await probe.measure(), await lagOf(stack)];
    const isCalm = latencyS <= Math.max(normal.p95S, 0.5) * 1.5 && lagS <= normal.lagS + 1;
    if (calm === 0) firstCalmS = seconds();
    calm = isCalm ? calm + 1 : 0;
  }
  return firstCalmS;
};

/** Normal load, then `factor` times as many sensors, then normal load again, on a stack of its own. */
export const runOverload = async (options: OverloadOptions): Promise<OverloadReport> => {
  const { minutes, sensors, factor, say } = options;
  say('Starting a stack …');
  const stack = await startOwnStack({ FLEET__SILENT_AFTER_S: '3600' });
  const [normalEnd, overloadEnd] = [new AbortController(), new AbortController()];
  try {
    const query = queryOf(stack.status.clickhouseUrl);
    const [probe] = await createProbes(stack, query, ['probe']);
    if (probe === undefined) throw new Error('no probe');
    const play = (end: AbortController, prefix: string, count: number) =>
      stack.play(
        end.signal,
        ...['--sensors', String(count), '--prefix', prefix, '--source', 'synthetic'],
        ...['--sample-rate-hz', String(PROBE_RATE_HZ), '--duration-s', '100000', '--json'],
      );
    const normalLoad = play(normalEnd, 'normal', sensors);
    // Registration and first frames are not normal load yet.
    await sleep(20_000);
    const normal = await watch(stack, probe, query, AbortSignal.timeout(NORMAL_MS));
    say(`normal: ${JSON.stringify(normal)}`);
    const extraLoad = play(overloadEnd, 'extra', sensors * (factor - 1));
    const overload = await watch(stack, probe, query, AbortSignal.timeout(minutes * 60_000));
    say(`overload: ${JSON.stringify(overload)}`);
    overloadEnd.abort();
    const recoveryS = await recovered(stack, probe, normal);
    say(`recovered after ${recoveryS.toFixed(1)} s`);
    const extra = tallyOf(await extraLoad).acknowledgedSeconds;
    normalEnd.abort();
    const acknowledged = tallyOf(await normalLoad).acknowledgedSeconds + extra + probe.sent();
    await drained(stack, { settleMs: 8_000, atMostS: 600 });
    const stored = await stack.scalar(
      "SELECT count() FROM earshot.levels_1s WHERE match(sensor_id, '^(normal-|extra-|probe)')",
    );
    await probe.close();
    const ratios = Object.entries(overload.memoryMb.byService).map(([name, mb]) => ({
      name,
      ratio: mb / Math.max(1, normal.memoryMb.byService[name] ?? mb),
    }));
    const worstService = ratios.reduce((a, b) => (b.ratio > a.ratio ? b : a), { name: '', ratio: 0 });
    const memoryRatio = overload.memoryMb.total / normal.memoryMb.total;
    const checks: readonly (readonly [boolean, string])[] = [
      [memoryRatio <= MOST_MEMORY, `memory was ${memoryRatio.toFixed(2)} of normal, more than ${MOST_MEMORY}`],
      [
        recoveryS <= MOST_RECOVERY_S,
        `normal latency came back after ${recoveryS.toFixed(0)} s, more than ${MOST_RECOVERY_S}`,
      ],
      [stored >= acknowledged, `${acknowledged - stored} acknowledged frames are not stored`],
    ];
    return {
      ...{ sensors, factor, minutes, normal, overload, memoryRatio, worstService, recoveryS, acknowledged, stored },
      acknowledgedPerS: [normal.frames / (NORMAL_MS / 1000), overload.frames / (minutes * 60)],
      problems: checks.filter(([isRight]) => !isRight).map(([, problem]) => problem),
    };
  } finally {
    normalEnd.abort();
    overloadEnd.abort();
    await stack.stop();
  }
};
