import { describe, expect, it } from '@jest/globals';
import { octaveBands } from './octaves.js';
import { measure, noise, sine } from './test-signals.js';
import { bandsOfRate } from './third-octave.js';

const octavesOf = (samples: Float32Array, rateHz: number) => {
  const [, , last] = measure(samples, rateHz);
  return octaveBands(last?.thirdOctaveDb ?? [], bandsOfRate(rateHz).filter(({ valid }) => valid).length);
};

describe('octave bands', () => {
  it('are 31.5 Hz to 16 kHz, those that the rate does not carry without a level', () => {
    const octaves = octavesOf(noise(48_000), 16_000);
    const labels = ['31.5', '63', '125', '250', '500', '1000', '2000', '4000', '8000', '16000'];
    expect(octaves.map(({ label }) => label)).toEqual(labels);
    expect(octaves.filter(({ levelDb }) => levelDb === null).map(({ label }) => label)).toEqual(['8000', '16000']);
  });

  it.each([794.3, 1000, 1258.9])('%d Hz reads its level in the octave of 1 kHz, whichever third it is in', (hz) => {
    const octave = octavesOf(sine(hz, 48_000, 3), 48_000).find(({ label }) => label === '1000');
    // Thirds overlap at their edges: up to 0.3 dB too much, class 1 allows 0.4.
    expect(Math.abs((octave?.levelDb ?? NaN) + 9.03)).toBeLessThan(0.3);
  });

  it('sum powers', () => {
    const thirds = [60, 60, 60, null, 50, null];
    const [first, second] = octaveBands(thirds, 6);
    expect(first?.levelDb).toBeCloseTo(60 + 10 * Math.log10(3), 9);
    expect(second?.levelDb).toBeCloseTo(50, 9);
    // The third of 80 Hz is not valid.
    expect(octaveBands(thirds, 5)[1]?.levelDb).toBeNull();
    expect(octaveBands([null, null, null], 3)[0]?.levelDb).toBeNull();
  });
});
