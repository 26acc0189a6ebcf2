import { describe, expect, it } from '@jest/globals';
import { spreadOf } from './spread.js';

describe('spread', () => {
  it('has the middle and the ends', () => {
    expect(spreadOf([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
    expect(spreadOf([4, 1, 3, 10])).toEqual({ median: 3.5, min: 1, max: 10 });
    expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 });
  });

  it('of nothing is an error', () => {
    expect(() => spreadOf([])).toThrow('no values');
  });
});
