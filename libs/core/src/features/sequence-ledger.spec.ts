import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startLedger, take, wasGivenUp, wasTaken } from './sequence-ledger.js';

describe('sequence ledger', () => {
  it('knows what was taken and what was given up, in any order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1 }), ([first = 0, ...rest]) => {
        const taken = new Set([first]);
        let ledger = take(startLedger(first), first);
        for (const sequence of rest) {
          ledger = take(ledger, sequence);
          taken.add(sequence);
        }
        const highest = Math.max(...taken);
        expect(ledger.next).toBe(highest + 1);
        for (let sequence = 0; sequence <= highest + 3; sequence++) {
          expect(wasTaken(ledger, sequence)).toBe(taken.has(sequence));
          expect(wasGivenUp(ledger, sequence)).toBe(sequence <= highest && !taken.has(sequence));
        }
      }),
    );
  });

  it('is bounded, and still says of nothing missing that it was taken', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 40 }), { minLength: 100, maxLength: 400 }), (steps) => {
        let ledger = startLedger(0);
        const taken = new Set<number>();
        let sequence = 0;
        for (const step of steps) {
          ledger = take(ledger, sequence);
          taken.add(sequence);
          sequence += step;
        }
        expect(ledger.holes.length).toBeLessThanOrEqual(64);
        for (let missing = 0; missing < ledger.next; missing++) {
          if (!taken.has(missing)) expect(wasGivenUp(ledger, missing)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});
