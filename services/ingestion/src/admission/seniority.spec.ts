import { describe, expect, it } from '@jest/globals';
import { Seniority } from './seniority.js';

/** Sensors that send a second of sound a second; the stages take `capacity` of them a second while the doors hold. */
const play = (capacity: number) => {
  let strained = false;
  let nowMs = 1_000_000;
  const seniority = new Seniority(() => strained);
  const second = (keys: readonly string[]): readonly string[] => {
    const entered = keys.filter((key) => seniority.mayEnter(key, nowMs));
    seniority.passed(strained ? Math.min(entered.length, capacity) : entered.length);
    nowMs += 1000;
    return entered;
  };
  return {
    seniority,
    strain: (is: boolean) => (strained = is),
    /** Who entered in the last of so many seconds. */
    seconds: (count: number, keys: readonly string[]) => {
      let entered: readonly string[] = [];
      for (let i = 0; i < count; i++) entered = second(keys);
      return entered;
    },
  };
};

const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

describe('seniority', () => {
  const seniors = names('senior', 40);
  const all = [...names('junior', 200), ...seniors];

  it('lets everybody in while the stages keep up, and for a short strain', () => {
    const { seconds, strain } = play(100);
    seconds(10, seniors);
    expect(seconds(20, all)).toHaveLength(240);
    strain(true);
    expect(seconds(12, all)).toHaveLength(240);
  });

  it('keeps those that were here first when strain lasts, as many as the stages took', () => {
    const { seconds, strain } = play(100);
    seconds(10, seniors);
    strain(true);
    const entered = seconds(60, all);
    expect(entered).toEqual(expect.arrayContaining([...seniors]));
    expect(entered.length).toBeGreaterThanOrEqual(40);
    expect(entered.length).toBeLessThanOrEqual(80);
  });

  it('lets the others in again, a few at a time, once the strain is over', () => {
    const { seconds, strain, seniority } = play(100);
    seconds(10, seniors);
    strain(true);
    const before = seconds(40, all).length;
    strain(false);
    const after = seconds(11, all).length;
    expect(after).toBeGreaterThan(before);
    expect(after).toBeLessThan(240);
    expect(seconds(120, all)).toHaveLength(240);
    expect(seniority.waitingCount).toBe(0);
  });

  it('a place is lost by who stays away', () => {
    const { seconds, strain } = play(100);
    seconds(10, seniors);
    seconds(70, names('junior', 200));
    strain(true);
    const entered = seconds(60, all);
    expect(entered.filter((key) => key.startsWith('senior'))).toHaveLength(0);
  });

  it('strain without progress sends nobody away', () => {
    const { seconds, strain } = play(0);
    seconds(10, seniors);
    strain(true);
    expect(seconds(120, all)).toHaveLength(240);
  });
});
