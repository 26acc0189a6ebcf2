import { describe, expect, it } from '@jest/globals';
import type { LevelRow } from './level-series.js';
import { gapsOf, summarise, toLevelSeries } from './level-series.js';
import { barScale } from './third-octave.js';
import { tickStepMs } from './time-axis.js';

const row = (second: number, laeqDb: number | null, calibrationId: string | null = null): LevelRow => ({
  timeMs: second * 1000,
  laeqDb,
  lafmaxDb: laeqDb,
  la90Db: null,
  completeness: 1,
  calibrationId,
  flags: [],
});
const range = { fromMs: 0, toMs: 10_000, stepMs: 1000, patienceMs: 3000 };

describe('level series', () => {
  it('shows a second that never came as a gap, digital silence as none', () => {
    const rows = [0, 1, 2, 5, 6, 7, 8, 9].map((second) => row(second, second === 6 ? null : -20));
    const series = toLevelSeries(rows, range);
    expect(series.laeqDb.slice(2, 8)).toEqual([-20, null, null, -20, null, -20]);
    expect(gapsOf(series)).toEqual([{ startS: 3, endS: 5 }]);
    expect(summarise(rows, series).completeness).toBeCloseTo(0.8, 9);
  });

  it('does not call what has not arrived yet a gap', () => {
    const rows = [3, 4, 5, 6, 7].map((second) => row(second, -20));
    const series = toLevelSeries(rows, { ...range, fromMs: 5000 });
    expect([series.fromMs, series.toMs]).toEqual([3000, 8000]);
    expect(gapsOf(series)).toEqual([]);
  });

  it('shows a sensor that went quiet as a gap up to now', () => {
    const series = toLevelSeries([row(0, -20), row(1, -20)], range);
    expect(gapsOf(series)).toEqual([{ startS: 2, endS: 10 }]);
  });

  it('is SPL only when all of it was made with a calibration', () => {
    const mixed = [row(8, 60, 'cal-1'), row(9, -20)];
    expect(summarise(mixed, toLevelSeries(mixed, range)).calibrationId).toBeNull();
    const whole = [row(8, 60, 'cal-1'), row(9, 61, 'cal-1')];
    expect(summarise(whole, toLevelSeries(whole, range)).calibrationId).toBe('cal-1');
  });

  it('finds the loudest moment', () => {
    const rows = [row(7, -30), row(8, -10), row(9, -20)];
    expect(summarise(rows, toLevelSeries(rows, range))).toMatchObject({ lafmaxDb: -10, lafmaxAtMs: 8000 });
  });
});

describe('scales', () => {
  it('keeps the bar scale until the loudest band leaves it', () => {
    const first = barScale([-42, null, -60], null);
    expect(first).toEqual({ low: -90, high: -30 });
    expect(barScale([-50], first)).toBe(first);
    expect(barScale([-12], first)).toEqual({ low: -60, high: 0 });
    expect(barScale([null], first)).toBe(first);
  });

  it('leaves room between the clock times', () => {
    expect(tickStepMs(60_000, 800)).toBe(10_000);
    expect(tickStepMs(30_000, 240)).toBe(15_000);
  });
});
