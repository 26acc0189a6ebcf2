import { describe, expect, it } from '@jest/globals';
import { createLogMelFrontEnd, createResampler, FRONT_END, logMelFrameCount } from '../dsp/index.js';
import { createReferenceFft } from '../dsp/reference-fft.js';
import { summariseLevels } from '../levels/index.js';
import { analyseSignal } from './analyse-signal.js';

const fft = createReferenceFft(FRONT_END.fftSize);
const tone = (count: number, rateHz: number): Float32Array =>
  Float32Array.from({ length: count }, (_, n) => 0.5 * Math.sin((2 * Math.PI * 1000 * n) / rateHz));

describe('analyseSignal', () => {
  it('gives whole seconds and the rest', () => {
    const { levels, summary } = analyseSignal(tone(40_000, 16_000), 16_000, { fft });
    expect(levels.map(({ t, durationS }) => [t, durationS])).toEqual([
      [0, 1],
      [1, 1],
      [2, 0.5],
    ]);
    expect(levels[2]?.laeq125msDb).toHaveLength(4);
    expect(levels[2]?.laf125msDb).toHaveLength(4);
    expect(summary.laeqDb).toBeCloseTo(-9.03, 2);
    expect(summary.la50Db).toBeCloseTo(-9.03, 1);
  });

  it('shifts to dB SPL', () => {
    const { levels, summary } = analyseSignal(tone(16_000, 16_000), 16_000, { fft, fullScaleDb: 120 });
    expect(levels[0]?.lzeqDb).toBeCloseTo(110.97, 2);
    expect(summary.lafMaxDb).toBeCloseTo(110.97, 1);
  });

  it.each([16_000, 44_100])('at %d Hz: all mel frames of the signal at 16 kHz, as one piece would give', (rateHz) => {
    const samples = tone(Math.round(rateHz * 2.3), rateHz).map((x, n) => x * Math.sin(n / 5000));
    const resampler = createResampler(rateHz, 16_000);
    const state = resampler.rest();
    const at16k = [...resampler.push(state, samples, 0, samples.length)];
    at16k.push(...resampler.finish(state, samples.length));
    const frontEnd = createLogMelFrontEnd(fft);
    const frameCount = logMelFrameCount(at16k.length);
    const codes = new Uint8Array(frameCount * FRONT_END.melBands);
    frontEnd.push(frontEnd.rest(), Float32Array.from(at16k), 0, at16k.length, codes, 0);
    expect(analyseSignal(samples, rateHz, { fft }).logMel).toEqual({ frames: codes, frameCount });
  });

  it('takes an empty signal and double precision', () => {
    expect(analyseSignal(new Float32Array(0), 16_000, { fft })).toEqual({
      levels: [],
      summary: summariseLevels([]),
      logMel: { frames: new Uint8Array(0), frameCount: 0 },
      frameCounts: [],
    });
    const single = tone(20_000, 16_000);
    const double = Float64Array.from(single);
    expect(analyseSignal(double, 16_000, { fft })).toEqual(analyseSignal(single, 16_000, { fft }));
  });
});
