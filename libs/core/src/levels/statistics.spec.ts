import { describe, expect, it } from '@jest/globals';
import { energyMeanDb, exceededDb, maxDb, percentile, unweightedDb } from './statistics.js';

describe('unweighted levels', () => {
  it('hold DC, or not', () => {
    const samples = Float64Array.from({ length: 1000 }, (_, n) => 0.5 + 0.1 * (n % 2 === 0 ? 1 : -1));
    const { leqDb, leqWithoutDcDb } = unweightedDb(samples);
    expect(leqDb).toBeCloseTo(10 * Math.log10(0.25 + 0.01), 9);
    expect(leqWithoutDcDb).toBeCloseTo(-20, 9);
  });

  it('of silence or nothing are none', () => {
    expect(unweightedDb(new Float64Array(8))).toEqual({ leqDb: null, leqWithoutDcDb: null });
    expect(unweightedDb(new Float64Array(0))).toEqual({ leqDb: null, leqWithoutDcDb: null });
  });
});

describe('level statistics', () => {
  it('means energies, not decibels; no energy counts as none', () => {
    expect(energyMeanDb([60, 60])).toBeCloseTo(60, 10);
    expect(energyMeanDb([60, null])).toBeCloseTo(56.99, 2);
    expect(energyMeanDb([60, 70], [3, 1])).toBeCloseTo(65.12, 2);
    expect(energyMeanDb([null])).toBeNull();
    expect(energyMeanDb([])).toBeNull();
  });

  it('interpolates percentiles as numpy does', () => {
    // numpy.percentile([1, 2, 4, 8], [10, 50, 90])
    expect(percentile([1, 2, 4, 8], 0.1)).toBeCloseTo(1.3, 12);
    expect(percentile([1, 2, 4, 8], 0.5)).toBe(3);
    expect(percentile([1, 2, 4, 8], 0.9)).toBeCloseTo(6.8, 12);
    expect(percentile([], 0.5)).toBeNull();
    expect(percentile([5], 0.9)).toBe(5);
  });

  it('L10 is the level exceeded a tenth of the time', () => {
    const levels = Array.from({ length: 101 }, (_, i) => 100 - i);
    expect(exceededDb(levels, 10)).toBeCloseTo(90, 10);
    expect(exceededDb([...levels, null, null], 90)).toBeCloseTo(10, 10);
    expect(maxDb([null, 3, 7, null])).toBe(7);
    expect(maxDb([null])).toBeNull();
  });
});
