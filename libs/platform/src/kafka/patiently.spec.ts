import { describe, expect, it } from '@jest/globals';
import { isLeaderless } from './errors.js';
import { patiently } from './patiently.js';

const leaderless = Object.assign(new Error('not the leader'), { type: 'NOT_LEADER_FOR_PARTITION' });

/** Rejects with each of `errors` in turn, then answers how often it was asked. */
const askOf = (...errors: readonly Error[]) => {
  let asked = 0;
  return (): Promise<number> => {
    const error = errors[asked];
    asked += 1;
    return error === undefined ? Promise.resolve(asked) : Promise.reject(error);
  };
};

describe('patiently', () => {
  it('asks again while the partition has no leader', async () => {
    expect(await patiently(askOf(leaderless, leaderless), Infinity, isLeaderless)).toBe(3);
  });

  it('tells at once what will not pass', async () => {
    const refused = new Error('not allowed');
    await expect(patiently(askOf(leaderless, refused), Infinity, isLeaderless)).rejects.toBe(refused);
  });

  it('tells the last error when its time is over', async () => {
    await expect(patiently(askOf(leaderless), 0)).rejects.toBe(leaderless);
  });
});
