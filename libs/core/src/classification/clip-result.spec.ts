import { describe, expect, it } from '@jest/globals';
import { clipResult, type ScoredWindow } from './index.js';

const window = (probabilities: number[], discontinuity = false) =>
  ({ labels: discontinuity ? [] : ['a', 'b', 'c'], probabilities, discontinuity }) as unknown as ScoredWindow;

describe('clipResult', () => {
  it('is the mean over windows, highest first, without breaks', () => {
    expect(clipResult([window([], true), window([0.25, 0.5, 0]), window([0.25, 1, 0.5])])).toEqual([
      { label: 'b', probability: 0.75 },
      { label: 'a', probability: 0.25 },
      { label: 'c', probability: 0.25 },
    ]);
  });

  it('is empty without windows', () => expect(clipResult([window([], true)])).toEqual([]));
});
