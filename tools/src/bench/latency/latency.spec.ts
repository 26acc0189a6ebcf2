import { describe, expect, it } from '@jest/globals';
import { fillStatements, sensorsOf } from './fill.js';
import { frameWorkOf, percentilesOf } from './frames.js';
import { requestKinds } from './requests.js';

const END_S = Date.UTC(2026, 10, 30) / 1000;

describe('percentiles', () => {
  it('are by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentilesOf(values)).toEqual({ p50: 50, p95: 95, p99: 99, max: 100 });
    expect(percentilesOf([7])).toEqual({ p50: 7, p95: 7, p99: 7, max: 7 });
  });
});

describe('work per frame', () => {
  const main = { pid: 1, tid: 2 };
  const task = (ts: number, dur: number, tdur: number, thread = main) => ({
    name: 'RunTask',
    ph: 'X',
    ts,
    dur,
    tdur,
    ...thread,
  });
  const fire = (ts: number, thread = main) => ({ name: 'FireAnimationFrame', ph: 'X', ts, dur: 10, ...thread });
  const named = (thread: typeof main) => ({
    name: 'thread_name',
    ph: 'M',
    ts: 0,
    args: { name: 'CrRendererMain' },
    ...thread,
  });

  it('is all that the main thread of the busiest page did until the next frame', () => {
    const other = { pid: 9, tid: 2 };
    const traceEvents = [
      ...[named(main), named(other), fire(1000, other)],
      // A frame whose task began before its animation frame, two callbacks of one frame, then a message.
      ...[fire(10_000), fire(10_500), task(9_000, 8_000, 6_000), task(20_000, 4_000, 1_000)],
      ...[fire(27_000), task(26_000, 20_000, 17_000)],
      ...[fire(60_000), task(59_000, 2_000, 2_000), task(11_000, 9_000, 9_000, other), { name: 'broken' }],
    ];
    expect(frameWorkOf(JSON.stringify({ traceEvents }))).toEqual({
      frames: 2,
      cpuMs: { p50: 7, p95: 17, p99: 17, max: 17 },
      clockMs: { p50: 12, p95: 20, p99: 20, max: 20 },
      over16: 1,
    });
  });
});

describe('the rows', () => {
  it('are a year of 15 min of as many sensors as it takes, in pieces of one partition', () => {
    const plan = { rows: 1e6, ownSensors: 10, seed: 1, endS: END_S };
    expect(sensorsOf(plan)).toBe(29);
    const statements = fillStatements(plan, END_S + 100);
    const rowsIn = (table: string): number =>
      statements
        .filter((sql) => sql.includes(`earshot.${table}_rows`) && !sql.includes('WHERE h'))
        .reduce((sum, sql) => sum + Number(/FROM numbers\((\d+)\)/.exec(sql)?.[1]), 0);
    expect(rowsIn('levels_15m')).toBe(29 * 35_040);
    expect(rowsIn('levels_1h')).toBe(29 * 8_760);
    expect(rowsIn('levels_1m')).toBe(10 * 1_440);
  });
});

describe('requests', () => {
  it('ask for another sensor or day each time', () => {
    for (const { pathOf } of requestKinds(END_S, 1000)) {
      expect(new Set(Array.from({ length: 100 }, (_, index) => pathOf(index))).size).toBe(100);
    }
  });
});
