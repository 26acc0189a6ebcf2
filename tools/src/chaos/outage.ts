import { encodeWav16 } from '@earshot/platform/audio';
import { setTimeout as sleep } from 'node:timers/promises';
import { FULL_BELOW_MB } from '../process/disk.js';
import { isRunning } from '../process/identity.js';
import { startOwnStack, type OwnStack } from '../testing/own-stack.js';
import { processesOf } from './inject.js';
import { memoryOf, type MemoryMb } from './memory.js';
import { fillUp, makeRoom, smallDisk } from './small-disk.js';
import { makeSensor, tallyOf, TENANT } from './sensors.js';

/** `disk`: the one that broker and ClickHouse write to is full. */
export type Dependency = 'kafka' | 'clickhouse' | 'disk';

export interface OutageOptions {
  readonly dependency: Dependency;
  readonly minutes: number;
  readonly sensors: number;
  readonly say: (text: string) => void;
}

export interface OutageReport {
  readonly dependency: Dependency;
  readonly minutes: number;
  readonly kills: number;
  /** What an upload was answered while it was away, and its Retry-After. */
  readonly answers: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly stored: number;
  /** From the end of the outage to everything stored, s. */
  readonly recoveryS: number;
  readonly memoryBeforeMb: MemoryMb;
  readonly memoryAfterMb: MemoryMb;
  /** Services that the supervisor started anew: those that died or said they were stuck. */
  readonly restarts: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

const PROBE = 'outage-probe';
const BEFORE_MS = 20_000;
const AFTER_S = 30;
const PROBE_MS = 5_000;
const GIVE_UP_MS = 900_000;
const MOST_MEMORY = 1.5;

/** Room that the whole stack has: broker, ClickHouse and logs of a run of minutes. */
const DISK_MB = 6_000;

/** Takes whatever room comes free, until told otherwise; then gives all of it back. */
const keepFull = async ({ stateDir }: OwnStack, over: AbortSignal): Promise<number> => {
  let rounds = 0;
  while (!over.aborted) {
    if (fillUp(stateDir) > 0) rounds += 1;
    await sleep(200);
  }
  makeRoom(stateDir);
  return rounds;
};

/** Kills it whenever it comes back, until told otherwise. */
const keepDown = async (stack: OwnStack, name: Exclude<Dependency, 'disk'>, over: AbortSignal): Promise<number> => {
  let kills = 0;
  let lastPid = 0;
  while (!over.aborted) {
    const identity = processesOf(stack).find((one) => one.name === name)?.identity;
    if (identity != null && isRunning(identity)) {
      try {
        process.kill(identity.pid, 'SIGKILL');
        if (identity.pid !== lastPid) kills += 1;
        lastPid = identity.pid;
      } catch {
        // it ended by itself
      }
    }
    await sleep(200);
  }
  return kills;
};

const probe = async (stack: OwnStack, key: string): Promise<string> => {
  try {
    const response = await fetch(`${stack.status.apiUrl}/v1/sensors/${PROBE}/audio`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'earshot-tenant': TENANT },
      body: Buffer.from(encodeWav16(new Float32Array(8000), 8000).slice().buffer),
      signal: AbortSignal.timeout(60_000),
    });
    await response.arrayBuffer();
    const retryAfter = response.headers.get('retry-after');
    return `${response.status}${retryAfter === null ? '' : `, Retry-After ${retryAfter}`}`;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
};

/** A dependency is away, or the disk full, for minutes while sensors play. */
export const runOutage = async (options: OutageOptions): Promise<OutageReport> => {
  const { dependency, minutes, sensors, say } = options;
  say('Starting a stack …');
  const folder = dependency === 'disk' ? smallDisk(DISK_MB) : undefined;
  const stack = await startOwnStack({ FLEET__SILENT_AFTER_S: '3600' }, folder);
  const over = new AbortController();
  try {
    const { key } = await makeSensor(stack, PROBE);
    const durationS = Math.round(BEFORE_MS / 1000 + minutes * 60 + AFTER_S);
    const playing = Promise.all(
      (['mqtt', 'http', 'grpc'] as const).map((protocol) =>
        stack.cli(
          ...['simulate', '--sensors', String(Math.ceil(sensors / 3)), '--prefix', `outage-${protocol}`],
          ...['--protocol', protocol, '--source', 'synthetic', '--duration-s', String(durationS), '--json'],
        ),
      ),
    );
    await sleep(BEFORE_MS);
    const memoryBeforeMb = memoryOf(stack);
    say(
      `${dependency} ${dependency === 'disk' ? 'is full' : 'goes away'} for ${minutes} min; memory ${memoryBeforeMb.total} MB`,
    );
    const down = dependency === 'disk' ? keepFull(stack, over.signal) : keepDown(stack, dependency, over.signal);
    const answers: Record<string, number> = {};
    let probed = 0;
    const end = performance.now() + minutes * 60_000;
    while (performance.now() < end) {
      const answer = await probe(stack, key);
      answers[answer] = (answers[answer] ?? 0) + 1;
      if (answer.startsWith('202')) probed += 1;
      await sleep(PROBE_MS);
    }
    const state = await stack.refresh();
    over.abort();
    const kills = await down;
    const back = performance.now();
    say(`over; meanwhile uploads were answered ${JSON.stringify(answers)}`);
    const acknowledged = (await playing).reduce((sum, one) => sum + tallyOf(one).acknowledgedSeconds, 0);
    const wanted = acknowledged + probed;
    const count = "SELECT count() FROM earshot.levels_1s WHERE startsWith(sensor_id, 'outage-')";
    const stored = (): Promise<number> => stack.scalar(count).catch(() => 0);
    while ((await stored()) < wanted && performance.now() - back < GIVE_UP_MS) await sleep(500);
    const recoveryS = (performance.now() - back) / 1000;
    const memoryAfterMb = memoryOf(stack);
    const rows = await stored();
    const restarts = Object.fromEntries(processesOf(stack).map((one) => [one.name, one.restarts]));
    const told = Object.keys(answers);
    const checks: readonly (readonly [boolean, string])[] = [
      [rows >= wanted, `${wanted - rows} of ${wanted} acknowledged frames are not stored`],
      [told.every((answer) => /^\d{3}/.test(answer)), 'an upload got no answer within a minute'],
      [kills > 0, `${dependency} was not away`],
      [!state.ready, 'status said ready at the end of it'],
      [dependency !== 'disk' || (state.diskFreeMb ?? 0) < FULL_BELOW_MB, `status told of ${state.diskFreeMb} MB free`],
      [
        dependency === 'clickhouse' || told.some((answer) => /^(503|429), Retry-After/.test(answer)),
        'no upload was refused with a Retry-After',
      ],
      [
        dependency !== 'clickhouse' || told.every((answer) => answer === '202'),
        'uploads were refused although only ClickHouse was away',
      ],
      [
        memoryAfterMb.total <= MOST_MEMORY * memoryBeforeMb.total,
        `memory grew from ${memoryBeforeMb.total} to ${memoryAfterMb.total} MB`,
      ],
    ];
    return {
      ...{ dependency, minutes, kills, answers, acknowledged: wanted, stored: rows, recoveryS, restarts },
      ...{ memoryBeforeMb, memoryAfterMb },
      problems: checks.filter(([isRight]) => !isRight).map(([, problem]) => problem),
    };
  } finally {
    over.abort();
    await stack.stop();
  }
};
