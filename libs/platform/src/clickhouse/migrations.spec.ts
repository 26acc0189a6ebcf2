import { describe, expect, it } from '@jest/globals';

import { checkMigrations, checksumOf, MigrationError, type Migration } from './migrations.js';
import { pauseBeforeMs, retry } from './retry.js';

const step = (version: number, name: string, statement: string): Migration => ({
  version,
  name,
  statements: [statement],
});
const fine = 'CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = MergeTree ORDER BY x';

describe('migrations', () => {
  it('must count without holes, be named once and be repeatable', () => {
    expect(() =>
      checkMigrations([step(1, 'a', fine), step(2, 'b', 'CREATE OR REPLACE VIEW v AS SELECT 1')]),
    ).not.toThrow();
    expect(() => checkMigrations([step(2, 'a', fine)])).toThrow(/2 a stands at place 1/);
    expect(() => checkMigrations([step(1, 'a', fine), step(2, 'a', fine)])).toThrow(/named a/);
    expect(() => checkMigrations([step(1, 'a', 'CREATE TABLE a (x UInt8) ENGINE = Log')])).toThrow(MigrationError);
    expect(() => checkMigrations([step(1, 'a', 'INSERT INTO a VALUES (1)')])).toThrow(MigrationError);
  });

  it('have a checksum that changes with every statement', () => {
    expect(checksumOf(step(1, 'a', fine))).toBe(checksumOf(step(1, 'a', fine)));
    expect(checksumOf(step(1, 'a', fine))).not.toBe(checksumOf(step(1, 'a', `${fine} `)));
  });
});

describe('retries', () => {
  const policy = { attempts: 3, firstPauseMs: 100, longestPauseMs: 150 };

  it('end after the last attempt with its error', async () => {
    let tries = 0;
    const pauses: number[] = [];
    const work = (): Promise<never> => {
      tries += 1;
      return Promise.reject(new Error(`try ${tries}`));
    };
    const sleep = (ms: number): Promise<void> => {
      pauses.push(ms);
      return Promise.resolve();
    };
    await expect(retry(work, policy, () => true, sleep)).rejects.toThrow('try 3');
    expect(pauses).toHaveLength(2);
  });

  it('do not repeat what is not worth it', async () => {
    let tries = 0;
    const work = (): Promise<never> => {
      tries += 1;
      return Promise.reject(new Error('wrong statement'));
    };
    await expect(retry(work, policy, () => false)).rejects.toThrow('wrong statement');
    expect(tries).toBe(1);
  });

  it('pause between half and the whole of a doubling time that has a bound', () => {
    expect([pauseBeforeMs(policy, 2, 0), pauseBeforeMs(policy, 2, 1)]).toEqual([50, 100]);
    expect([pauseBeforeMs(policy, 3, 0), pauseBeforeMs(policy, 3, 1)]).toEqual([75, 150]);
  });
});
