import { describe, expect, it } from '@jest/globals';
import { ratioFigures, rowsOf, rowsTable, type RowAsked } from './rows.js';

const asked: readonly RowAsked[] = [
  { part: 'all', engine: 'Earshot', of: ['a', 'b'] },
  { part: 'all', engine: 'other', of: ['c'], ours: ['a', 'b'], target: 3 },
  { part: 'all', engine: 'absent', of: ['d'], ours: ['a'] },
];

describe('rows of a bench', () => {
  const rows = rowsOf({ a: [1, 2, 3], b: [1, 1, 1], c: [4, 12, 16] }, asked);

  it('add parts up and divide run by run; what was not measured is left out', () => {
    expect(rows.map(({ engine, cpu, ratioRuns }) => [engine, cpu.median, ratioRuns])).toEqual([
      ['Earshot', 3, []],
      ['other', 12, [2, 4, 4]],
    ]);
  });

  it('give their ratios to a baseline', () => {
    expect(ratioFigures(rows)).toEqual({ 'all: faster than other': { better: 'higher', runs: [2, 4, 4] } });
  });

  it('say whether a target is met', () => {
    expect(rowsTable(rows, 'ms').at(-1)).toBe('| all | other | 12.0 | 4.00–16.0 | 4.00 × | 2.00–4.00 | 3 ×: met |');
  });
});
