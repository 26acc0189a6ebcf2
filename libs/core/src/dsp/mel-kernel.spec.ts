import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createMelFilterBank } from './mel-filter-bank.js';
import { createMelKernel } from './mel-kernel.js';
import { quantiseDb } from './quantise.js';

const bank = createMelFilterBank({ sampleRateHz: 16_000, fftSize: 1024, bands: 64, minHz: 50, maxHz: 8000 });
const window = Float32Array.from({ length: 1024 }, (_, n) => Math.sin((Math.PI * n) / 1024));
const kernel = createMelKernel(window, bank, 2048);

describe('the kernel of the front end', () => {
  it('weighs the samples from where it is told', () => {
    kernel.line.forEach((_, i) => (kernel.line[i] = Math.sin(i)));
    kernel.window(13);
    expect([...kernel.windowed]).toEqual(
      [...window].map((weight, i) => Math.fround(weight * (kernel.line[13 + i] ?? NaN))),
    );
  });

  it('sums the powers of each band', () => {
    kernel.spectrum.forEach((_, i) => (kernel.spectrum[i] = Math.cos(i * i)));
    kernel.mel();
    const power = Array.from({ length: 513 }, (_, bin) =>
      Math.fround((kernel.spectrum[2 * bin] ?? NaN) ** 2 + (kernel.spectrum[2 * bin + 1] ?? NaN) ** 2),
    );
    for (let band = 0; band < 64; band++) {
      let sum = 0;
      const [from, to] = [bank.firstWeight[band] ?? NaN, bank.firstWeight[band + 1] ?? NaN];
      for (let w = from; w < to; w++)
        sum += (bank.weights[w] ?? NaN) * (power[(bank.firstBin[band] ?? NaN) + w - from] ?? NaN);
      // Single precision: 3e-6 dB.
      expect(Math.abs((kernel.energies[band] ?? NaN) / sum - 1)).toBeLessThan(6e-7);
    }
  });

  const codesOf = (energies: readonly number[]): readonly number[] => {
    kernel.energies.set(energies);
    kernel.quantise();
    return [...kernel.codes.subarray(0, energies.length)];
  };
  const expected = (energies: readonly number[]): readonly number[] =>
    energies.map((energy) => quantiseDb(10 * Math.log10(Math.max(energy, 1e-10))));

  it('quantises as quantiseDb does, everywhere', () => {
    const energy = fc.oneof(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.double({ min: -14, max: 6, noNaN: true }).map((exponent) => 10 ** exponent),
    );
    fc.assert(
      fc.property(fc.array(energy, { minLength: 64, maxLength: 64 }), (energies) => {
        expect(codesOf(energies)).toEqual(expected(energies));
      }),
      { numRuns: 500 },
    );
  });

  it('quantises as quantiseDb does around every border, at full scale, silence and beyond', () => {
    const borders = Array.from({ length: 255 }, (_, code) => 10 ** ((code + 0.5) / 20 - 10));
    for (const factor of [1 - 1e-9, 1 - 1e-13, 1 - 2 ** -53, 1, 1 + 2 ** -52, 1 + 1e-13, 1 + 1e-9])
      for (let at = 0; at < borders.length; at += 64) {
        const energies = borders.slice(at, at + 64).map((border) => border * factor);
        expect(codesOf(energies)).toEqual(expected(energies));
      }
    expect(codesOf([0, 5e-324, 1e-10, 1, 1e300])).toEqual([0, 0, 0, 200, 255]);
  });
});
