import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { frameWorkOf, percentilesOf, type FrameWork, type Percentiles } from './frames.js';

export interface ConsoleFigures {
  /** Each load with an empty cache, ms. */
  readonly firstPaintMs: readonly number[];
  readonly firstContentfulPaintMs: readonly number[];
  /** Until cards show levels, ms. */
  readonly firstLevelMs: readonly number[];
  readonly still: LiveFigures;
  /** While the page is scrolled from end to end. */
  readonly scrolling: LiveFigures;
}

export interface LiveFigures {
  readonly seconds: number;
  readonly frames: number;
  /** Between animation frames, as the page sees them, ms. */
  readonly betweenFramesMs: Percentiles;
  /** Tasks of more than 50 ms, by the clock. */
  readonly longTasks: number;
  /** Of the main thread per frame, mean, ms: everything; scripts; layout and styles. */
  readonly taskMs: number;
  readonly scriptMs: number;
  readonly layoutMs: number;
  /** From a trace taken after that. */
  readonly traced: FrameWork;
}

const VIEWPORT = { width: 1440, height: 900 };
const LOADS = 5;
const TRACE_S = 10;
const SCROLL_PX = 24;
const TRACE_CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline'];

/** What runs in the page is given as text: this project is compiled without the DOM's types. */
const WATCH = (scrollPx: number): string => `(() => {
  const watch = window.earshotWatch = { deltas: [], longTasks: 0, on: true };
  new PerformanceObserver((list) => { watch.longTasks += list.getEntries().length; }).observe({ type: 'longtask' });
  let before = null, direction = 1;
  const step = (now) => {
    if (!watch.on) return;
    if (before !== null) watch.deltas.push(now - before);
    before = now;
    if (${scrollPx} > 0) {
      const end = document.documentElement.scrollHeight - window.innerHeight;
      if (window.scrollY >= end - 1) direction = -1;
      if (window.scrollY <= 0) direction = 1;
      window.scrollBy(0, direction * ${scrollPx});
    }
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})()`;
const PAINTS = `Object.fromEntries(performance.getEntriesByType('paint').map(({ name, startTime }) => [name, startTime]))`;
const HAS_LEVELS = `[...document.querySelectorAll('[data-testid="sensor-level"]')].filter((one) => /\\d/.test(one.textContent)).length >= 8`;

const watchFrames = async (browser: Browser, page: Page, seconds: number, scrollPx: number): Promise<LiveFigures> => {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const metrics = async (): Promise<ReadonlyMap<string, number>> =>
    new Map((await session.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
  await page.evaluate(WATCH(scrollPx));
  const before = await metrics();
  await sleep(seconds * 1000);
  const after = await metrics();
  const seen = await page.evaluate<{ deltas: number[]; longTasks: number }>('window.earshotWatch');
  await session.detach();
  await browser.startTracing(page, { categories: TRACE_CATEGORIES });
  await sleep(TRACE_S * 1000);
  const trace = (await browser.stopTracing()).toString('utf8');
  await page.evaluate('window.earshotWatch.on = false');
  const frames = seen.deltas.length;
  const perFrameMs = (...names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (after.get(name) ?? 0) - (before.get(name) ?? 0), 0) * (1000 / frames);
  return {
    seconds,
    frames,
    betweenFramesMs: percentilesOf(seen.deltas),
    longTasks: seen.longTasks,
    taskMs: perFrameMs('TaskDuration'),
    scriptMs: perFrameMs('ScriptDuration'),
    layoutMs: perFrameMs('LayoutDuration', 'RecalcStyleDuration'),
    traced: frameWorkOf(trace),
  };
};

/** Opens the console with an empty cache and signed in. */
const openCold = async (browser: Browser, consoleUrl: string): Promise<Page> => {
  const context = await browser.newContext({ viewport: VIEWPORT });
  const page = await context.newPage();
  await page.goto(consoleUrl, { waitUntil: 'commit' });
  return page;
};

/** The page's policy forbids what `waitForFunction` does. */
const levelsShown = async (page: Page): Promise<void> => {
  const end = performance.now() + 60_000;
  while (performance.now() < end) {
    if (await page.evaluate<boolean>(HAS_LEVELS).catch(() => false)) return;
    await sleep(20);
  }
  throw new Error('The console showed no levels within a minute');
};

export interface ConsoleOptions {
  /** With the key in its fragment, as `status` tells it. */
  readonly consoleUrl: string;
  readonly seconds: number;
  /** Where pictures of the page go. */
  readonly folder: string;
}

/** First paints of a console that nothing is cached of, then its page of all sensors while they play. */
export const measureConsole = async (browser: Browser, options: ConsoleOptions): Promise<ConsoleFigures> => {
  const { consoleUrl, seconds, folder } = options;
  await mkdir(folder, { recursive: true });
  const paints: { first: number; contentful: number; level: number }[] = [];
  for (let load = 0; load < LOADS; load++) {
    const page = await openCold(browser, consoleUrl);
    await levelsShown(page);
    const level = await page.evaluate<number>('performance.now()');
    const found = await page.evaluate<Record<string, number>>(PAINTS);
    paints.push({ first: found['first-paint'] ?? NaN, contentful: found['first-contentful-paint'] ?? NaN, level });
    await page.context().close();
  }
  const page = await openCold(browser, consoleUrl);
  await levelsShown(page);
  await sleep(5_000);
  const still = await watchFrames(browser, page, seconds, 0);
  await page.screenshot({ path: path.join(folder, 'latency-overview.png') });
  const scrolling = await watchFrames(browser, page, seconds, SCROLL_PX);
  await page.screenshot({ path: path.join(folder, 'latency-scrolled.png') });
  await page.context().close();
  return {
    firstPaintMs: paints.map(({ first }) => first),
    firstContentfulPaintMs: paints.map(({ contentful }) => contentful),
    firstLevelMs: paints.map(({ level }) => level),
    still,
    scrolling,
  };
};
