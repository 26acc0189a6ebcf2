import { ResolverAwayError } from '@earshot/core/stage';
import { describe, expect, it } from '@jest/globals';
import { createRunQueue } from './run-queue.js';

/** Doubles; 13 fails a run, 99 finds nobody. Each run ends when it is let go. */
const world = (most = 4) => {
  const runs: (readonly number[])[] = [];
  const held: (() => void)[] = [];
  const queue = createRunQueue<number, number>(async (rows) => {
    runs.push(rows);
    await new Promise<void>((resolve) => held.push(resolve));
    if (rows.includes(99)) throw new ResolverAwayError('away');
    if (rows.includes(13)) throw new Error('thirteen');
    return rows.map((row) => 2 * row);
  }, most);
  const letAllGo = async (done: Promise<unknown>): Promise<void> => {
    const state = { open: true };
    void done.finally(() => (state.open = false)).catch(() => undefined);
    while (state.open) {
      held.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { runs, queue, letAllGo };
};

describe('a run queue', () => {
  it('puts calls that wait into one run, as far as they fit, and gives each its own', async () => {
    const { runs, queue, letAllGo } = world();
    const all = Promise.all([[1], [2, 3], [4], [5, 6]].map((rows) => queue.run(rows)));
    await letAllGo(all);
    expect(await all).toEqual([[2], [4, 6], [8], [10, 12]]);
    expect(runs).toEqual([[1], [2, 3, 4], [5, 6]]);
  });

  it('takes a call that is larger than a run in parts', async () => {
    const { runs, queue, letAllGo } = world(2);
    const result = queue.run([1, 2, 3, 4, 5]);
    await letAllGo(result);
    expect(await result).toEqual([2, 4, 6, 8, 10]);
    expect(runs).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('lets no call fail for the sake of another', async () => {
    const { queue, letAllGo } = world();
    const all = Promise.allSettled([queue.run([1]), queue.run([2]), queue.run([13]), queue.run([3])]);
    await letAllGo(all);
    expect((await all).map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)))).toEqual([
      [2],
      [4],
      'Error: thirteen',
      [6],
    ]);
  });

  it('tells all that nobody is there, without asking again', async () => {
    const { runs, queue, letAllGo } = world();
    const all = Promise.allSettled([queue.run([1]), queue.run([2]), queue.run([99])]);
    await letAllGo(all);
    expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(runs).toEqual([[1], [2, 99]]);
  });

  it('does other work when all before it is answered, and nothing after it begins before', async () => {
    const { runs, queue, letAllGo } = world();
    const order: string[] = [];
    const all = Promise.all([
      queue.run([1]).then(() => order.push('1')),
      queue.run([2]).then(() => order.push('2')),
      queue.after(() => Promise.resolve()).then(() => order.push('work')),
      queue.run([3]).then(() => order.push('3')),
    ]);
    await letAllGo(all);
    expect(order).toEqual(['1', '2', 'work', '3']);
    expect(runs).toEqual([[1], [2], [3]]);
    await expect(queue.after(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});
