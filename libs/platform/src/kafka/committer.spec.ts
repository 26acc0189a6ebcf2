import { describe, expect, it } from '@jest/globals';
import { Committer, type CommitWish } from './committer.js';
import { FencedError } from './errors.js';

const wish = (partition: number, send: CommitWish['send'], isCurrent = true): CommitWish => ({
  ...{ topic: 't', partition, nextKafkaOffset: 10 + partition, send },
  isCurrent: () => isCurrent,
});

describe('Committer', () => {
  it('puts what is asked together into one request, and what comes meanwhile into the next', async () => {
    const requests: number[][] = [];
    const release: (() => void)[] = [];
    const send: CommitWish['send'] = (offsets) => {
      requests.push(offsets.map(({ nextKafkaOffset }) => nextKafkaOffset));
      return new Promise((resolve) => release.push(resolve));
    };
    const committer = new Committer();
    const first = [0, 1, 2].map((partition) => committer.add(wish(partition, send)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const later = committer.add(wish(3, send));
    expect(requests).toEqual([[10, 11, 12]]);
    release[0]?.();
    await Promise.all(first);
    await new Promise((resolve) => setTimeout(resolve, 5));
    release[1]?.();
    await later;
    expect(requests[1]).toEqual([13]);
  });

  it('leaves out what was revoked before the request left, and only that', async () => {
    const committed: number[] = [];
    const send: CommitWish['send'] = (offsets) => {
      committed.push(...offsets.map(({ partition }) => partition));
      return Promise.resolve();
    };
    const committer = new Committer();
    const revoked = committer.add(wish(0, send, false));
    const kept = committer.add(wish(1, send));
    await expect(revoked).rejects.toBeInstanceOf(FencedError);
    await kept;
    expect(committed).toEqual([1]);
  });

  it('tells everyone of a request that failed, and goes on', async () => {
    let tries = 0;
    const send: CommitWish['send'] = () => (tries++ === 0 ? Promise.reject(new Error('away')) : Promise.resolve());
    const committer = new Committer();
    const both = [0, 1].map((partition) => committer.add(wish(partition, send)));
    for (const one of both) await expect(one).rejects.toThrow('away');
    await committer.add(wish(0, send));
    expect(tries).toBe(2);
  });
});
