import { describe, expect, it } from '@jest/globals';
import { energyMeanDb, exceededDb, maxDb, percentile } from './statistics.js';

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
