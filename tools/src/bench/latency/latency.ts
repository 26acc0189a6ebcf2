import { setTimeout as sleep } from 'node:timers/promises';
import { launchBrowser } from '../../e2e/browser.js';
import { startOwnStack, type OwnStack } from '../../testing/own-stack.js';
import { makeSensors } from '../capacity/drain.js';
import { queryOf } from '../../chaos/stored.js';
import { measureConsole, type ConsoleFigures } from './console-page.js';
import { DAY_S, execute, fillStatements, sensorIdOf, sensorsOf, type FillPlan } from './fill.js';
import { startLiveRecords } from './live-records.js';
import { measureRequests, requestKinds, type RequestFigures } from './requests.js';

export interface LatencyOptions {
  /** Windows of 15 min, about; the other tables follow. */
  readonly rows: number;
  /** Of each kind, sequential and again four at once. */
  readonly requests: number;
  readonly sensors: number;
  readonly seed: number;
  /** How long the live page is watched, s. */
  readonly seconds: number;
  readonly out: string;
  readonly say: (text: string) => void;
}

export interface LatencyReport {
  readonly bench: 'latency';
  readonly tables: readonly {
    readonly table: string;
    readonly rows: number;
    readonly parts: number;
    readonly mb: number;
  }[];
  readonly fillSeconds: number;
  readonly sensors: number;
  readonly requests: readonly RequestFigures[];
  readonly console: ConsoleFigures;
  /** Latest that live records were sent, ms. */
  readonly liveLatestMs: number;
}

const SETTINGS = { API__RATE_LIMIT_PER_S: '100000' };

const tablesOf = async (url: string): Promise<LatencyReport['tables']> => {
  const found = await queryOf(url)<{ table: string; rows: string; parts: string; bytes: string }>(
    `SELECT table, sum(rows) AS rows, count() AS parts, sum(bytes_on_disk) AS bytes FROM system.parts
     WHERE active AND database = 'earshot' AND table LIKE 'levels%' GROUP BY table ORDER BY rows DESC`,
  );
  return found.map(({ table, rows, parts, bytes }) => ({
    ...{ table, rows: Number(rows), parts: Number(parts), mb: Number(bytes) / 1e6 },
  }));
};

const fill = async (stack: OwnStack, plan: FillPlan, say: LatencyOptions['say']): Promise<number> => {
  const begin = performance.now();
  const statements = fillStatements(plan, Math.floor(Date.now() / 1000));
  for (const [index, statement] of statements.entries()) {
    await execute(stack.status.clickhouseUrl, statement);
    if (index % 10 === 9) say(`filled ${index + 1} of ${statements.length} pieces`);
  }
  return (performance.now() - begin) / 1000;
};

const CALM_AFTER_MS = 3_000;
const CALM_WITHIN_MS = 300_000;

/** Until the engine has put the new parts together: a year does not arrive within minutes elsewhere. */
const merged = async (stack: OwnStack): Promise<void> => {
  let calmSince = performance.now();
  const end = performance.now() + CALM_WITHIN_MS;
  while (performance.now() < end && performance.now() - calmSince < CALM_AFTER_MS) {
    await sleep(500);
    if ((await stack.scalar('SELECT count() FROM system.merges')) > 0) calmSince = performance.now();
  }
};

const AT_ONCE = [1, 4] as const;

/** How quickly the API and the console answer over a year of many sensors, on a stack of its own. */
export const benchLatency = async (options: LatencyOptions): Promise<LatencyReport> => {
  const { rows, requests, sensors, seed, seconds, out, say } = options;
  say('Starting a stack …');
  const stack = await startOwnStack(SETTINGS);
  try {
    await makeSensors(stack, sensors, sensorIdOf);
    const endS = Math.floor(Date.now() / 1000 / DAY_S) * DAY_S;
    const plan = { rows, ownSensors: sensors, seed, endS };
    const fillSeconds = await fill(stack, plan, say);
    await merged(stack);
    const tables = await tablesOf(stack.status.clickhouseUrl);
    say(`filled in ${fillSeconds.toFixed(0)} s: ${tables.map((one) => `${one.table} ${one.rows}`).join(', ')}`);
    const figures: RequestFigures[] = [];
    for (const kind of requestKinds(endS, Math.min(sensors, sensorsOf(plan)))) {
      for (const atOnce of AT_ONCE) {
        const one = await measureRequests(stack, kind, requests, atOnce);
        say(`${one.name}, ${atOnce} at once: p95 ${one.ms.p95.toFixed(0)} ms`);
        figures.push(one);
      }
    }
    const live = await startLiveRecords(
      stack.status.kafkaBrokers,
      Array.from({ length: sensors }, (_, index) => sensorIdOf(index)),
    );
    const browser = await launchBrowser();
    try {
      const { consoleUrl } = stack.status;
      const page = await measureConsole(browser, { consoleUrl, seconds, folder: out });
      const liveLatestMs = live.latestMs();
      return { bench: 'latency', tables, fillSeconds, sensors, requests: figures, console: page, liveLatestMs };
    } finally {
      await browser.close();
      await live.stop();
    }
  } finally {
    await stack.stop();
  }
};
