import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createResampler, type Resampler } from './resampler.js';

const SECONDS = 0.12;
const OUT_HZ = 16_000;
const sine = (hz: number, rateHz: number, seconds: number): Float32Array =>
  Float32Array.from({ length: Math.round(rateHz * seconds) }, (_, n) => Math.sin((2 * Math.PI * hz * n) / rateHz));
const resamplers = new Map<number, Resampler>();
const resample = (samples: Float32Array, rateHz: number): Float32Array => {
  const resampler = resamplers.get(rateHz) ?? createResampler(rateHz, OUT_HZ);
  resamplers.set(rateHz, resampler);
  const state = resampler.rest();
  const first = resampler.push(state, samples, 0, samples.length).slice();
  const rest = resampler.finish(state, samples.length);
  const all = new Float32Array(first.length + rest.length);
  all.set(first);
  all.set(rest, first.length);
  return all;
};
/** RMS of what lies away from the signal's ends, dB re the RMS of a full sine. */
const middleDb = (samples: Float32Array): number => {
  const middle = samples.subarray(samples.length / 4, (3 * samples.length) / 4);
  return 10 * Math.log10((2 * middle.reduce((sum, x) => sum + x * x, 0)) / middle.length);
};

describe.each([8000, 11_025, 22_000, 22_050, 32_000, 44_100, 47_999, 48_000, 51_200, 96_000, 192_000])(
  'from %d Hz to 16 kHz',
  (rateHz) => {
    const nyquistHz = Math.min(rateHz, OUT_HZ) / 2;

    it('is flat and without delay up to 0.9 of Nyquist', () => {
      for (const share of [0.02, 0.3, 0.6, 0.8, 0.9]) {
        const hz = share * nyquistHz;
        const got = resample(sine(hz, rateHz, SECONDS), rateHz);
        const expected = sine(hz, OUT_HZ, SECONDS);
        const error = got.map((x, n) => x - (expected[n] ?? 0));
        expect(middleDb(error)).toBeLessThan(-78);
      }
    });

    it('is 80 dB down beyond', () => {
      // Upsampling: the images of what is in the passband are what error above measures.
      const above = [1.001, 1.05, 1.3, 1.7, 2.6].map((share) => share * nyquistHz).filter((hz) => hz < rateHz / 2);
      for (const hz of above) expect(middleDb(resample(sine(hz, rateHz, SECONDS), rateHz))).toBeLessThan(-80);
    });

    it('gives ceil(n · 16,000 / rate) samples', () => {
      for (const count of [1, 997, 8001]) {
        expect(resample(new Float32Array(count), rateHz)).toHaveLength(Math.ceil((count * OUT_HZ) / rateHz));
      }
    });
  },
);

describe('resampler', () => {
  it('changes nothing at 16 kHz', () => {
    const samples = sine(440, OUT_HZ, 0.1);
    expect(resample(samples, OUT_HZ)).toEqual(samples);
  });

  it('keeps a constant', () => {
    const got = resample(new Float32Array(44_100).fill(0.5), 44_100);
    const middle = got.subarray(1000, 15_000);
    expect(Math.max(...middle.map((x) => Math.abs(x - 0.5)))).toBeLessThan(1e-6);
  });

  it.each([44_100, 48_000, 8000, 47_999])('from %d Hz: bit-equal however the samples are cut', (rateHz) => {
    const samples = Float32Array.from({ length: 6000 }, (_, n) => Math.sin(n * n * 1e-3));
    const whole = resample(samples, rateHz);
    const resampler = createResampler(rateHz, OUT_HZ);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2500 }), { minLength: 1 }), (sizes) => {
        let state = resampler.rest();
        const got: number[] = [];
        for (let from = 0, i = 0; from < samples.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          const to = Math.min(samples.length, from + (i > 50 ? 997 : size));
          got.push(...resampler.push(state, samples, from, to));
          state = resampler.copy(state);
          from = to;
        }
        got.push(...resampler.finish(state, samples.length));
        expect(Float32Array.from(got)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });
});
