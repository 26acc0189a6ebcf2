import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLogMelFrontEnd, FRONT_END, logMelFrameCount } from './log-mel.js';
import { createMelFilterBank, hzToMel, melToHz } from './mel-filter-bank.js';
import { dequantise, quantiseDb } from './quantise.js';
import { createReferenceFft } from './reference-fft.js';

const frontEnd = createLogMelFrontEnd(createReferenceFft(FRONT_END.fftSize));

describe('log-mel front end', () => {
  it('counts whole windows only', () => {
    expect([0, 1023, 1024, 1343, 1344, 16_000].map(logMelFrameCount)).toEqual([0, 0, 1, 1, 2, 47]);
  });

  it('gives the same codes however the samples are cut', () => {
    const samples = Float32Array.from({ length: 9000 }, (_, n) => Math.sin(n * n * 1e-4) * 0.3);
    const room = logMelFrameCount(samples.length) * FRONT_END.melBands;
    const whole = new Uint8Array(room);
    frontEnd.push(frontEnd.rest(), samples, 0, samples.length, whole, 0);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }), (sizes) => {
        const codes = new Uint8Array(room);
        let state = frontEnd.rest();
        let frames = 0;
        for (let from = 0, i = 0; from < samples.length; i++) {
          const to = Math.min(samples.length, from + (sizes[i % sizes.length] ?? 1));
          const given = frontEnd.copy(state);
          frames += frontEnd.push(state, samples, from, to, codes, frames);
          // A copy is its own.
          expect(given.tail).not.toBe(state.tail);
          state = frontEnd.copy(state);
          from = to;
        }
        expect(codes).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });

  it('refuses an FFT of another size', () => {
    expect(() => createLogMelFrontEnd(createReferenceFft(512))).toThrow('needs an FFT of 1024');
  });
});

describe('mel scale', () => {
  it("is Slaney's", () => {
    // librosa.hz_to_mel([60, 1000, 8000]) and back.
    expect(hzToMel(60)).toBeCloseTo(0.9, 12);
    expect(hzToMel(1000)).toBeCloseTo(15, 12);
    expect(hzToMel(8000)).toBeCloseTo(45.245_640_471_924_965, 9);
    expect(melToHz(hzToMel(3456))).toBeCloseTo(3456, 8);
  });

  it('has triangles of area 1 over frequency', () => {
    const bank = createMelFilterBank({ sampleRateHz: 16_000, fftSize: 65_536, bands: 64, minHz: 50, maxHz: 8000 });
    for (let band = 0; band < bank.bands; band++) {
      const weights = bank.weights.subarray(bank.firstWeight[band], bank.firstWeight[band + 1]);
      expect(weights.reduce((sum, weight) => sum + weight, 0) * (16_000 / 65_536)).toBeCloseTo(1, 3);
    }
  });
});

describe('quantisation', () => {
  it('clamps, and rounds half to even as numpy does', () => {
    const db = [-Infinity, NaN, -100, -99.76, -99.75, -99.74, -99.25, 0, 27.5, 27.74, 40];
    expect(db.map(quantiseDb)).toEqual([0, 0, 0, 0, 0, 1, 2, 200, 255, 255, 255]);
    expect([...dequantise(Uint8Array.of(0, 1, 200, 255))]).toEqual([-100, -99.5, 0, 27.5]);
  });
});
