import { describe, expect, it } from '@jest/globals';
import { advanceRuns, breakRuns, calm, conditionOf, type Runs } from './condition.js';
import { breakTail, extendTail, noTail, tailScore, type Tail } from './tail.js';
import { defaultAnomalyConfig } from './types.js';

const config = { ...defaultAnomalyConfig, raiseAfterS: 3, clearAfterS: 4, dangerAfterS: 5 };
const after = (ratios: readonly number[], from: Runs = calm): Runs =>
  ratios.reduce((runs, ratio, at) => advanceRuns(config, runs, ratio, (at + 1) * 1e6), from);
const times = (count: number, ratio: number): number[] => Array.from({ length: count }, () => ratio);

describe('condition', () => {
  it('becomes alarm after so many seconds in a row above the threshold, from the first of them on', () => {
    expect(conditionOf(config, after([0.5, 1.1, 1.1]))).toBe('acceptable');
    const runs = after([0.5, 1.1, 1.1, 1.1]);
    expect(conditionOf(config, runs)).toBe('alarm');
    expect(runs.onsetUs).toBe(2e6);
    expect(conditionOf(config, after([1.1, 1.1, 0.5, 1.1, 1.1]))).not.toBe('alarm');
  });

  it('is watched near the threshold', () => {
    expect(conditionOf(config, after(times(2, 0.9)))).toBe('acceptable');
    expect(conditionOf(config, after(times(3, 0.9)))).toBe('monitor');
  });

  it('becomes danger when it is severe for long enough, until it is over', () => {
    expect(conditionOf(config, after(times(4, 3)))).toBe('alarm');
    const severe = after(times(5, 3));
    expect(conditionOf(config, severe)).toBe('danger');
    expect(conditionOf(config, after(times(3, 0.1), severe))).toBe('danger');
    expect(after(times(4, 0.1), severe)).toEqual(calm);
  });

  it('ends runs at a break, not the state', () => {
    expect(breakRuns(after([1.1, 1.1]))).toEqual(calm);
    const broken = breakRuns(after([...times(3, 1.1), 0.1, 0.1, 0.1]));
    expect(broken).toMatchObject({ anomalous: true, run: 0, onsetUs: 1e6 });
  });
});

describe('tail', () => {
  const heard = (scores: readonly number[], from: Tail = noTail): Tail =>
    scores.reduce((tail, score, at) => extendTail(tail, score, at * 1e6, 3), from);

  it('is the second highest spell of those that last, and more', () => {
    const scores = times(4000, 1);
    for (const at of [500, 501, 502]) scores[at] = 9;
    for (const at of [1000, 1001, 1002, 1003]) scores[at] = 4;
    // Two seconds are no spell.
    for (const at of [2000, 2001]) scores[at] = 50;
    expect(tailScore(heard(scores))).toBeCloseTo(1.2 * 4);
  });

  it('is not known before an hour', () => {
    expect(tailScore(heard(times(3000, 7)))).toBe(0);
  });

  it('has no spell across a break', () => {
    const broken = breakTail(heard([5, 5]));
    expect(heard([5], broken).spells).toEqual([]);
    expect(heard([5, 5, 5], broken).spells.map(({ score }) => score)).toEqual([5]);
  });
});
