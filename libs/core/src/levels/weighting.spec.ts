import { describe, expect, it } from '@jest/globals';
import { createReferenceFft } from '../dsp/reference-fft.js';
import { cascadeDb } from './biquad.js';
import { energyMeanDb } from './statistics.js';
import { measure, noise } from './test-signals.js';
import { bandsOfRate } from './third-octave.js';
import { type WeightingCurve, weightingDb } from './weighting-curve.js';
import { designWeighting } from './weighting.js';

describe('analytic weighting curves', () => {
  it('read as in IEC 61672-1, table 3', () => {
    // Nominal values are rounded to 0.1 dB at exact base-10 frequencies.
    const at = (curve: WeightingCurve, n: number): number => weightingDb(curve, 10 ** (n / 10));
    expect([14, 20, 30, 34, 40, 43].map((n) => at('A', n).toFixed(1))).toEqual([
      '-44.7',
      '-19.1',
      '0.0',
      '1.3',
      '-2.5',
      '-9.3',
    ]);
    expect([14, 20, 30, 40, 43].map((n) => at('C', n).toFixed(1))).toEqual(['-4.4', '-0.3', '0.0', '-4.4', '-11.2']);
  });
});

describe.each([8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000])(
  'weighting at %d Hz',
  (rateHz) => {
    const { shared, aLow, aHigh, cHigh } = designWeighting(rateHz);
    const sections = { A: [shared, aLow, ...aHigh], C: [shared, ...cHigh] };

    it.each(['A', 'C'] as const)(
      '%s follows the analytic curve within 0.02 dB at every valid third octave',
      (curve) => {
        const bands = bandsOfRate(rateHz).filter(({ valid }) => valid);
        const deviations = bands.map(({ midHz }) =>
          Math.abs(cascadeDb(sections[curve], (2 * Math.PI * midHz) / rateHz) - weightingDb(curve, midHz)),
        );
        expect(Math.max(...deviations)).toBeLessThan(0.02);
      },
    );

    it('is stable and minimum phase', () => {
      for (const { b0, b1, b2, a1, a2 } of [shared, aLow, ...aHigh, ...cHigh]) {
        expect(Math.abs(a2)).toBeLessThan(1);
        expect(Math.abs(a1)).toBeLessThan(1 + a2);
        expect(Math.abs(b2 / b0)).toBeLessThanOrEqual(1);
        expect(Math.abs(b1 / b0)).toBeLessThanOrEqual(1 + b2 / b0 + 1e-12);
      }
    });
  },
);

describe.each([16_000, 22_050, 32_000, 44_100, 48_000])('broadband noise at %d Hz', (rateHz) => {
  it('LAeq and LCeq are those of the analytic curves in the FFT domain, within 0.02 dB', () => {
    const size = 2 ** 17;
    const samples = noise(size);
    const power = new Float32Array(size / 2 + 1);
    createReferenceFft(size).powerSpectrum(samples, power);
    const oracle = (curve: WeightingCurve): number => {
      let sum = 0;
      for (let k = 1; k < size / 2; k++) {
        sum += 2 * (power[k] ?? 0) * 10 ** (weightingDb(curve, (k * rateHz) / size) / 10);
      }
      return 10 * Math.log10(sum / size ** 2);
    };
    const seconds = measure(samples, rateHz);
    const heard = seconds.map((_, i) => Math.min(rateHz, size - i * rateHz));
    const laeqDb = energyMeanDb(
      seconds.map((second) => second.laeqDb),
      heard,
    );
    const lceqDb = energyMeanDb(
      seconds.map((second) => second.lceqDb),
      heard,
    );
    expect(Math.abs((laeqDb ?? NaN) - oracle('A'))).toBeLessThan(0.02);
    expect(Math.abs((lceqDb ?? NaN) - oracle('C'))).toBeLessThan(0.02);
  });
});
