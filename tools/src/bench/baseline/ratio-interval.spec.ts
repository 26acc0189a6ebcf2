import { describe, expect, it } from '@jest/globals';
import { ratioInterval, studentT } from './ratio-interval.js';

describe("Student's t", () => {
  // The 97.5 % column of the usual tables (two-sided 95 %), and scipy.stats.t.ppf(0.975, 5.5).
  it.each([
    [1, 12.7062],
    [2, 4.302_65],
    [4, 2.776_45],
    [5.5, 2.501859],
    [10, 2.228_14],
    [30, 2.042_27],
  ])('with %d degrees of freedom', (freedom, expected) => {
    expect(studentT(0.95, freedom) / expected).toBeCloseTo(1, 3);
  });
});

describe('interval of a ratio of means', () => {
  it('of the same values is around 1', () => {
    const { ratio, low, high } = ratioInterval([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]);
    expect(ratio).toBe(1);
    expect(low * high).toBeCloseTo(1, 9);
    expect(low).toBeLessThan(1);
  });

  it('with a baseline that does not spread is that of one mean', () => {
    // Mean 3, standard deviation sqrt(2.5), t(4) = 2.776445: 3 ± 1.963243, over 2.
    const { ratio, low, high } = ratioInterval([1, 2, 3, 4, 5], [2, 2, 2, 2, 2]);
    expect(ratio).toBe(1.5);
    expect(low).toBeCloseTo(1.5 - 0.981_622, 4);
    expect(high).toBeCloseTo(1.5 + 0.981_622, 4);
  });

  it('ends where the test of Welch begins to refute', () => {
    // Found with scipy.optimize.brentq on mean(current) - r mean(before) = ±t sqrt(var/n + r^2 var/n).
    const { ratio, low, high } = ratioInterval([10.2, 9.7, 11.1, 10.5, 9.9, 10.4], [8.1, 8.6, 7.9, 8.3, 8.9]);
    expect(ratio).toBeCloseTo(1.232057, 6);
    expect(low).toBeCloseTo(1.153774, 4);
    expect(high).toBeCloseTo(1.316122, 4);
  });

  it('without any spread is one value', () => {
    expect(ratioInterval([3, 3, 3], [2, 2, 2])).toEqual({ ratio: 1.5, low: 1.5, high: 1.5 });
  });

  it('tells nothing when the baseline spreads as much as it is', () => {
    expect(ratioInterval([1, 1, 1], [0.1, 0.1, 9])).toMatchObject({ low: 0, high: Infinity });
  });

  it('holds the true ratio in about 95 of 100 cases', () => {
    let x = 1;
    const uniform = (): number => (x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    const normal = (mean: number, deviation: number): number =>
      mean + deviation * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    const sample = (size: number, mean: number, deviation: number): number[] =>
      Array.from({ length: size }, () => normal(mean, deviation));
    let held = 0;
    for (let i = 0; i < 400; i++) {
      const { low, high } = ratioInterval(sample(7, 12, 0.3), sample(5, 10, 1));
      if (low <= 1.2 && 1.2 <= high) held++;
    }
    expect(held / 400).toBeGreaterThan(0.92);
    expect(held / 400).toBeLessThan(0.98);
  });

  it('needs three positive values of each', () => {
    expect(() => ratioInterval([1, 2], [1, 2, 3])).toThrow('3 or more positive values');
    expect(() => ratioInterval([1, 2, 3], [1, 0, 3])).toThrow('3 or more positive values');
  });
});
