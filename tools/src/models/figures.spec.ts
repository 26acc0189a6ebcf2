import { describe, expect, it } from '@jest/globals';
import { figuresOf, figuresTable } from './figures.js';

const model = (version: string, metrics: Record<string, unknown> | null) => ({
  ...{ id: 'm', version, task: 'audio-classification', labels: [], role: 'installed', effectiveFrom: '' },
  metrics,
});

describe('figuresOf', () => {
  it('tells numbers three levels deep', () => {
    const metrics = { a: 1, b: { c: 0.5, d: [1, 2], e: { f: 2, g: { h: 3 } } }, text: 'no' };
    expect([...figuresOf(metrics)]).toEqual([
      ['a', 1],
      ['b.c', 0.5],
      ['b.e.f', 2],
    ]);
    expect(figuresOf(null).size).toBe(0);
  });
});

describe('figuresTable', () => {
  it('puts models side by side, and says when there is nothing', () => {
    const lines = figuresTable([model('1', { f1: 0.512345, macs: 7000 }), model('2', { f1: 0.6 })]).split('\n');
    expect(lines.map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ['figure of record', 'm@1', 'm@2'],
      ['f1', '0.5123', '0.6000'],
      ['macs', '7000', '-'],
    ]);
    expect(figuresTable([model('1', null)])).toBe('The bundles state no figures.');
  });
});
