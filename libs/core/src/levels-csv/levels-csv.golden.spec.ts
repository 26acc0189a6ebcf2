import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { energyMeanDb } from '../levels/index.js';
import { parseLevelsCsv, toCsvSeconds, type CsvSecond } from './index.js';

const LATEST_MS = Date.UTC(2030, 0, 1);
const golden = (name: string): string =>
  readFileSync(join(process.cwd(), 'libs/core/src/levels-csv/golden', name), 'utf8');

describe('a levels file against the independent script', () => {
  const expected = JSON.parse(golden('levels.json')) as readonly CsvSecond[];
  const { rows, bad } = parseLevelsCsv(golden('levels.csv'), { latestMs: LATEST_MS });
  const seconds = toCsvSeconds(rows);

  it('has the same seconds', () => {
    expect(bad).toEqual([]);
    expect(seconds.map(({ unixSecond, timeMs, durationMs }) => ({ unixSecond, timeMs, durationMs }))).toEqual(
      expected.map(({ unixSecond, timeMs, durationMs }) => ({ unixSecond, timeMs, durationMs })),
    );
    expect(seconds.map(({ laeq125msDb }) => laeq125msDb)).toEqual(expected.map(({ laeq125msDb }) => laeq125msDb));
  });

  it('has the same levels and bands within 1e-9 dB', () => {
    for (const [index, second] of seconds.entries()) {
      expect(second.laeqDb).toBeCloseTo(expected[index]?.laeqDb ?? NaN, 9);
      expect(second.lzeqDb).toBeCloseTo(expected[index]?.lzeqDb ?? NaN, 9);
      expect(second.thirdOctaveDb).toHaveLength(28);
      for (const [band, level] of second.thirdOctaveDb.entries())
        expect(level).toBeCloseTo(expected[index]?.thirdOctaveDb[band] ?? NaN, 9);
    }
  });
});

const folder = join(process.cwd(), '../shared/data/noisesensor');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.csv')) : [];

(files.length === 0 ? describe.skip : describe)(
  'the recorded levels files (skipped where ../shared/data is not there)',
  () => {
    it.each(files)('%s: every row is used, and no energy is lost', (name) => {
      const { rows, bad } = parseLevelsCsv(readFileSync(join(folder, name), 'utf8'), { latestMs: LATEST_MS });
      expect(bad).toEqual([]);
      expect(rows).toHaveLength(80);
      const seconds = toCsvSeconds(rows);
      expect(seconds.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBe(10_000);
      const whole = energyMeanDb(
        seconds.map(({ laeqDb }) => laeqDb),
        seconds.map(({ durationMs }) => durationMs),
      );
      expect(whole).toBeCloseTo(energyMeanDb(rows.map(({ laeqDb }) => laeqDb)) ?? NaN, 9);
    });
  },
);
