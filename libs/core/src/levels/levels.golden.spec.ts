import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { measure } from './test-signals.js';
import type { LevelDb } from './types.js';

interface Case {
  readonly sampleRateHz: number;
  readonly laeqDb: readonly number[];
  readonly lceqDb: readonly number[];
  readonly lzeqDb: readonly number[];
  readonly laeq125msDb: readonly number[];
  readonly laf125msDb: readonly number[];
  readonly lafMaxDb: readonly number[];
  readonly thirdOctaveDb: Readonly<Record<string, readonly number[]>>;
}

const file = join(process.cwd(), 'libs/core/src/levels/golden/levels.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Case[] };

/** The generator's signal. */
const render = (rateHz: number): Float32Array => {
  let x = 12_345;
  return Float32Array.from({ length: 3 * rateHz }, (_, n) => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    const gain = [0.3, 0.03, (0.3 * (n % rateHz)) / rateHz][Math.floor(n / rateHz)] ?? 0;
    return (x / 2 ** 31 - 1) * gain;
  });
};

const worst = (got: readonly LevelDb[], expected: readonly number[]): number => {
  expect(got).toHaveLength(expected.length);
  return Math.max(...expected.map((level, i) => Math.abs((got[i] ?? NaN) - level)));
};

describe.each(cases.map((one) => [one.sampleRateHz, one] as const))(
  'levels at %d Hz against the analogue filters',
  (rateHz, one) => {
    const seconds = measure(render(rateHz), rateHz);

    it('A, C, Z per second: 0.02 dB', () => {
      expect(
        worst(
          seconds.map((second) => second.laeqDb),
          one.laeqDb,
        ),
      ).toBeLessThan(0.02);
      expect(
        worst(
          seconds.map((second) => second.lceqDb),
          one.lceqDb,
        ),
      ).toBeLessThan(0.02);
      expect(
        worst(
          seconds.map((second) => second.lzeqDb),
          one.lzeqDb,
        ),
      ).toBeLessThan(0.02);
    });

    it('LAeq and LAF every 125 ms, LAFmax: 0.05 dB', () => {
      expect(
        worst(
          seconds.flatMap((second) => second.laeq125msDb),
          one.laeq125msDb,
        ),
      ).toBeLessThan(0.05);
      expect(
        worst(
          seconds.flatMap((second) => second.laf125msDb),
          one.laf125msDb,
        ),
      ).toBeLessThan(0.05);
      expect(
        worst(
          seconds.map((second) => second.lafMaxDb),
          one.lafMaxDb,
        ),
      ).toBeLessThan(0.05);
    });

    // The second second follows a step of -20 dB: there the bank's longer delay (decimators) lets a few ms of the loud one in.
    it.each(Object.keys(one.thirdOctaveDb).map(Number))('band %d: 0.05 dB, 0.1 dB where the level rises', (index) => {
      const got = seconds.map((second) => second.thirdOctaveDb[index] ?? null);
      const expected = one.thirdOctaveDb[index] ?? [];
      expect(worst(got.slice(0, 1), expected.slice(0, 1))).toBeLessThan(0.05);
      expect(worst(got.slice(2), expected.slice(2))).toBeLessThan(0.1);
    });
  },
);
