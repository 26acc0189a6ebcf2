import { setTimeout as sleep } from 'node:timers/promises';
import { services } from '../stack/services.js';
import { startOwnStack, type OwnStack } from '../testing/own-stack.js';
import { addInstance } from './inject.js';
import { queryOf, type Query } from './stored.js';

export interface StormOptions {
  readonly rounds: number;
  readonly say: (text: string) => void;
}

export interface StormReport {
  readonly rebalances: number;
  /** Sensors that stood still for a minute or more, in any table. */
  readonly stalls: number;
  /** Longest time in which a sensor's stored results stood still, s, by table. */
  readonly longestStandS: Readonly<Record<string, number>>;
  readonly idleRounds: number;
  /** Rounds whose one message was not stored within a minute. */
  readonly idleStalls: number;
  /** Longest time from the acknowledgement of a message after idling to its stored level, s. */
  readonly longestIdleS: number;
  readonly problems: readonly string[];
}

const SENSORS = 12;
const STALL_S = 60;
const MOST_S = 30;
const POLL_MS = 500;
const TABLES = ['levels_1s', 'classifications'] as const;

/** Notes for each sensor and table how long nothing new was stored. */
const watchRows = (query: Query, prefix: string) => {
  const seen = new Map<string, { newest: string; sinceMs: number }>();
  const longest = new Map<string, number>();
  let stalls = 0;
  const look = async (): Promise<void> => {
    for (const table of TABLES) {
      const rows = await query<{ id: string; newest: string }>(
        `SELECT sensor_id AS id, toString(max(time)) AS newest FROM earshot.${table} WHERE startsWith(sensor_id, '${prefix}') GROUP BY id`,
      ).catch(() => []);
      const nowMs = performance.now();
      for (const { id, newest } of rows) {
        const before = seen.get(`${table} ${id}`);
        if (before === undefined || before.newest !== newest) seen.set(`${table} ${id}`, { newest, sinceMs: nowMs });
        const stoodS = before === undefined ? 0 : (nowMs - before.sinceMs) / 1000;
        if (stoodS >= STALL_S && before?.newest !== newest) stalls += 1;
        longest.set(table, Math.max(longest.get(table) ?? 0, stoodS));
      }
    }
  };
  return {
    look,
    /** Seconds since the sensor that waits longest had something new. */
    standing: () => Math.max(0, ...[...seen.values()].map(({ sinceMs }) => (performance.now() - sinceMs) / 1000)),
    sensors: () => new Set([...seen.keys()].map((key) => key.split(' ')[1])).size,
    stalls: () => stalls,
    longest: () => Object.fromEntries([...longest].map(([table, s]) => [table, Math.round(s * 10) / 10])),
  };
};

const rebalances = async (stack: OwnStack, { rounds, say }: StormOptions) => {
  const scalable = services.filter(({ ports }) => ports.length === 0).map(({ name }) => name);
  const watch = watchRows(queryOf(stack.status.clickhouseUrl), 'storm');
  const ending = new AbortController();
  const playing = stack.play(
    ending.signal,
    ...['--sensors', String(SENSORS), '--prefix', 'storm', '--source', 'synthetic'],
    ...['--duration-s', String(60 + rounds * 60), '--json'],
  );
  const looking = (async () => {
    while (!ending.signal.aborted) {
      await watch.look();
      await sleep(POLL_MS);
    }
  })();
  while (watch.sensors() < SENSORS) await sleep(POLL_MS);
  for (let round = 0; round < rounds; round++) {
    const stage = scalable[round % scalable.length] ?? '';
    // Every other instance is killed: its partitions are nobody's until its session ends.
    const outcome = await addInstance(stack, stage, round % 2, 4_000 + (round % 5) * 1_000);
    do await sleep(POLL_MS);
    while (watch.standing() > 4 && watch.standing() < 2 * STALL_S);
    say(`rebalance ${round + 1}/${rounds}: ${stage} (${outcome}); longest stand ${JSON.stringify(watch.longest())}`);
  }
  ending.abort();
  await Promise.allSettled([playing, looking]);
  return { stalls: watch.stalls(), longestStandS: watch.longest() };
};

const idleRounds = async (stack: OwnStack, { rounds, say }: StormOptions) => {
  const query = queryOf(stack.status.clickhouseUrl);
  let [stalls, longestS] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    await sleep(1_000 + (round % 5) * 1_500);
    const prefix = `idle${round % 6}`;
    const count = async (): Promise<number> => {
      const [row] = await query<{ n: string }>(
        `SELECT count() AS n FROM earshot.levels_1s WHERE sensor_id = '${prefix}-001'`,
      ).catch(() => []);
      return Number(row?.n ?? 0);
    };
    const before = await count();
    const sent = await stack.cli(
      ...['simulate', '--sensors', '1', '--prefix', prefix, '--source', 'synthetic', '--duration-s', '1', '--json'],
    );
    if (sent.status !== 0) throw new Error(`The sensor failed:\n${sent.stderr}`);
    const begin = performance.now();
    while ((await count()) === before && performance.now() - begin < STALL_S * 1000) await sleep(100);
    const tookS = (performance.now() - begin) / 1000;
    if (tookS >= STALL_S) stalls += 1;
    longestS = Math.max(longestS, tookS);
    if (round % 10 === 9) say(`idle round ${round + 1}/${rounds}: longest ${longestS.toFixed(1)} s`);
  }
  return { idleStalls: stalls, longestIdleS: Math.round(longestS * 10) / 10 };
};

/** Rounds of added and removed instances while sensors play, then rounds of one message after idling, on a stack of its own. */
export const runStorms = async (options: StormOptions): Promise<StormReport> => {
  options.say('Starting a stack …');
  const stack = await startOwnStack({ FLEET__SILENT_AFTER_S: '3600' });
  try {
    const storm = await rebalances(stack, options);
    const idle = await idleRounds(stack, options);
    const worstS = Math.max(...Object.values(storm.longestStandS), idle.longestIdleS);
    const checks: readonly (readonly [boolean, string])[] = [
      [storm.stalls === 0, `${storm.stalls} stalls of a sensor in rebalances`],
      [idle.idleStalls === 0, `${idle.idleStalls} messages after idling were not stored within ${STALL_S} s`],
      [worstS <= MOST_S, `the longest recovery took ${worstS} s, more than ${MOST_S}`],
    ];
    return {
      rebalances: options.rounds,
      ...storm,
      idleRounds: options.rounds,
      ...idle,
      problems: checks.filter(([isRight]) => !isRight).map(([, problem]) => problem),
    };
  } finally {
    await stack.stop();
  }
};
