import { describe, expect, it } from '@jest/globals';
import { precisionOf } from './precision.js';

describe('precisionOf', () => {
  it('has the interval of the published example (Wilson, 8 of 10)', () => {
    const { precision, low, high } = precisionOf(8, 2);
    expect(precision).toBe(0.8);
    expect(low).toBeCloseTo(0.4902, 4);
    expect(high).toBeCloseTo(0.9433, 4);
  });

  it('is open without reviews and never beyond 0 and 1', () => {
    expect(precisionOf(0, 0)).toEqual({ precision: null, low: null, high: null });
    expect(precisionOf(5, 0)).toMatchObject({ precision: 1, high: 1 });
    expect(precisionOf(0, 5)).toMatchObject({ precision: 0, low: 0 });
  });
});
