import { describe, expect, it } from '@jest/globals';
import { refusals, type GateFigures } from './gate.js';

const record: GateFigures = {
  ...{ classSounds: 60, otherSounds: 20, named: 40, found: 38 },
  ...{ rightProbability: 0.6, falseFinds: 2, otherProbability: 0.1 },
};

describe('refusals', () => {
  it('lets the same figures and better ones through', () => {
    expect(refusals(record, record)).toEqual([]);
    const better = { named: 50, found: 50, rightProbability: 0.9, falseFinds: 0, otherProbability: 0.01 };
    expect(refusals(record, { ...record, ...better })).toEqual([]);
  });

  it.each([
    ['named', 38],
    ['found', 36],
    ['rightProbability', 0.57],
    ['falseFinds', 4],
    ['otherProbability', 0.13],
  ] as const)('names %s when it is worse', (what, value) => {
    expect(refusals(record, { ...record, [what]: value })).toEqual([`${what} is ${value}, of record ${record[what]}`]);
  });

  it('refuses figures of another set', () => {
    expect(refusals(record, { ...record, classSounds: 61 })).toEqual([
      'classSounds is 61, of record 60: another set of sounds',
    ]);
  });
});
