import { fuzz, mutated } from '@earshot/testing/fuzz';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { LevelsCsvError, parseLevelsCsv, toCsvSeconds } from './index.js';

jest.setTimeout(3_600_000);

const latestMs = Date.UTC(2030, 0, 1);
const file = `sensor,epoch,date,laeq,leq,25,31.5
urn:x,1566274777317,2019-08-20T04:19:37.317Z,55.44,57.78,45.27,44.97
urn:x,1566274777442,2019-08-20T04:19:37.442Z,55.1,,45.2,
`;

describe('levels files', () => {
  it('of any kind: rows within limits, or words', async () => {
    const seeds = [new TextEncoder().encode(file)];
    const property = fc.property(mutated(seeds), (bytes) => {
      try {
        const csv = parseLevelsCsv(new TextDecoder().decode(bytes), { latestMs });
        for (const { timeMs, laeqDb } of csv.rows) {
          expect(timeMs).toBeLessThanOrEqual(latestMs);
          expect(Math.abs(laeqDb)).toBeLessThanOrEqual(200);
        }
        for (const { message } of csv.bad) expect(message).not.toBe('');
        toCsvSeconds(csv.rows);
      } catch (error) {
        if (!(error instanceof LevelsCsvError)) throw error;
      }
    });
    await fuzz({ runs: 2_000 }, property);
  });
});
