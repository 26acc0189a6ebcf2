import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compareWithBaseline, saveBaseline } from './baseline.js';
import { comparisonTable, compareFigures } from './compare.js';
import type { Figure } from './figures.js';

const around = (mean: number, better: Figure['better'] = 'higher'): Figure => ({
  better,
  runs: [0.99, 1, 1.01, 0.995, 1.005].map((part) => part * mean),
});

describe('a run against a baseline', () => {
  const verdictOf = (before: Figure, now: Figure) => compareFigures({ x: before }, { x: now })[0]?.verdict;

  it('is worse when it surely lost more than 10 %', () => {
    expect(verdictOf(around(10), around(8.7))).toBe('worse');
    expect(verdictOf(around(10, 'lower'), around(11.5, 'lower'))).toBe('worse');
  });

  it('is kept when it lost less, got better, or spreads too much to tell', () => {
    expect(verdictOf(around(10), around(9.2))).toBe('kept');
    expect(verdictOf(around(10), around(20))).toBe('kept');
    expect(verdictOf(around(10, 'lower'), around(5, 'lower'))).toBe('kept');
    expect(verdictOf(around(10), { better: 'higher', runs: [5, 12, 8] })).toBe('kept');
  });

  it('tells what only one of them has', () => {
    const found = compareFigures({ a: around(1) }, { b: around(1) });
    expect(found.map(({ figure, verdict }) => `${figure} ${verdict}`)).toEqual(['a missing', 'b new']);
    expect(comparisonTable(found)).toContain('| a |  |  | missing |');
  });

  it('reads what was saved', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'earshot-baseline-'));
    try {
      await saveBaseline('dsp', { x: around(10) }, { 'raw, ms': [1, 2, 3] }, folder);
      const [same] = await compareWithBaseline('dsp', { x: around(10) }, folder);
      expect(same).toMatchObject({ verdict: 'kept', change: { ratio: 1 } });
      await expect(compareWithBaseline('levels', {}, folder)).rejects.toThrow('--save-baseline');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
