import { describe, expect, it } from '@jest/globals';
import { Slots } from './slots.js';

const never = new Promise<never>(() => undefined);

describe('Slots', () => {
  it('run so many at once, the others in order', async () => {
    const slots = new Slots(2, 10);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const all = [0, 1, 2, 3].map((number) =>
      slots.run(async () => {
        begun.push(number);
        await new Promise<void>((resolve) => ends.push(resolve));
        return number;
      }),
    );
    expect(begun).toEqual([0, 1]);
    for (const at of [0, 1, 2, 3]) {
      ends[at]?.();
      await all[at];
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(begun).toEqual([0, 1, 2, 3]);
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
  });

  it('let nobody wait for ever behind work that does not end, and forget who went', async () => {
    const slots = new Slots(1, 1, 10);
    void slots.run(() => never);
    const waits = slots.run(() => Promise.resolve('done'));
    expect(slots.isFull).toBe(true);
    expect(await waits).toBeUndefined();
    expect(slots.isFull).toBe(false);
  });

  it('go on after work that fails', async () => {
    const slots = new Slots(1, 1);
    await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await slots.run(() => Promise.resolve('yes'))).toBe('yes');
  });
});
