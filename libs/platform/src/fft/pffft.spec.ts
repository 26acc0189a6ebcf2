import { createLogMelFrontEnd, FRONT_END } from '@earshot/core/dsp';
import { describe, expect, it } from '@jest/globals';
import { createRealFft } from './pffft.js';

const noise = (count: number): Float32Array => {
  let x = 1;
  return Float32Array.from({ length: count }, () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    return x / 2 ** 31 - 1;
  });
};

/** X[k] by the definition. */
const dft = (samples: Float32Array, k: number): readonly [number, number] => {
  let [re, im] = [0, 0];
  samples.forEach((x, n) => {
    const angle = (-2 * Math.PI * ((k * n) % samples.length)) / samples.length;
    re += x * Math.cos(angle);
    im += x * Math.sin(angle);
  });
  return [re, im];
};

describe('PFFFT', () => {
  it.each([32, 96, 1024, 1920])('of %d samples is the DFT', async (size) => {
    const fft = await createRealFft(size);
    const samples = noise(size);
    const spectrum = new Float32Array(size + 2);
    const power = new Float32Array(size / 2 + 1);
    fft.transform(samples, spectrum);
    fft.powerSpectrum(samples, power);
    const scale = Math.sqrt(size);
    for (let k = 0; k <= size / 2; k++) {
      const [re, im] = dft(samples, k);
      expect(Math.abs((spectrum[2 * k] ?? NaN) - re)).toBeLessThan(2e-6 * scale);
      expect(Math.abs((spectrum[2 * k + 1] ?? NaN) - im)).toBeLessThan(2e-6 * scale);
      expect(Math.abs((power[k] ?? NaN) - (re * re + im * im))).toBeLessThan(1e-5 * size);
    }
  });

  it('keeps FFTs of different sizes apart', async () => {
    const [small, large] = await Promise.all([createRealFft(64), createRealFft(2048)]);
    const ones = { small: new Float32Array(64).fill(1), large: new Float32Array(2048).fill(1) };
    const [a, b] = [new Float32Array(33), new Float32Array(1025)];
    small.powerSpectrum(ones.small, a);
    large.powerSpectrum(ones.large, b);
    small.powerSpectrum(ones.small, a);
    expect([a[0], a[1], b[0], b[1]]).toEqual([64 ** 2, 0, 2048 ** 2, 0]);
  });

  it('says which sizes are possible', async () => {
    await expect(createRealFft(1000)).rejects.toThrow('multiple of 32');
    await expect(createRealFft(0)).rejects.toThrow('no FFT of 0');
    await expect(createRealFft(7 * 32)).rejects.toThrow('prime factors');
  });

  it('serves the log-mel front end', async () => {
    const frontEnd = createLogMelFrontEnd(await createRealFft(FRONT_END.fftSize));
    const sine = Float32Array.from({ length: 1024 }, (_, n) => Math.sin((2 * Math.PI * 1000 * n) / 16_000));
    const db = frontEnd.logMelDb(sine);
    expect(db).toHaveLength(64);
    // The band around 1 kHz is the loudest.
    expect(db.indexOf(Math.max(...db))).toBe(20);
  });
});
