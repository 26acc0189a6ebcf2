import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createReferenceFft } from '../dsp/reference-fft.js';
import { noise } from '../levels/test-signals.js';
import {
  createLongAnalyser,
  findLines,
  LONG_BIN_HZ,
  LONG_WINDOW,
  type LongSpectra,
  type MachineSettings,
} from './index.js';

const RATE_HZ = 16_000;
const analyser = createLongAnalyser(createReferenceFft(LONG_WINDOW));
const settings: MachineSettings = {
  minShaftHz: 20,
  maxShaftHz: 30,
  bpfoOrder: 3.58,
  bpfiOrder: 5.42,
  bsfOrder: 2.3,
  ftfOrder: 0.4,
};
const SHAFT_HZ = 24.6;

/** A machine: orders of a shaft in noise, and a ringing at 4 kHz struck `strikeHz` times a second. */
const machine = (seconds: number, strikeHz: number, strike: number): Float32Array => {
  const hiss = noise(seconds * RATE_HZ, 0.02);
  return hiss.map((value, n) => {
    const t = n / RATE_HZ;
    const orders = [1, 2, 3, 4, 5].reduce(
      (sum, k) => sum + (0.05 / k) * Math.sin(2 * Math.PI * k * SHAFT_HZ * t + k),
      0,
    );
    const since = strikeHz === 0 ? 1 : (t * strikeHz - Math.floor(t * strikeHz)) / strikeHz;
    return value + orders + strike * Math.exp(-since * 1500) * Math.sin(2 * Math.PI * 4000 * since);
  });
};

const spectraOf = (samples: Float32Array, sizes: readonly number[] = [RATE_HZ]): LongSpectra[] => {
  let state = analyser.rest();
  const found: LongSpectra[] = [];
  for (let from = 0, at = 0; from < samples.length; at += 1) {
    const to = Math.min(samples.length, from + (sizes[at % sizes.length] ?? 1));
    analyser.push(state, samples.subarray(from, to));
    state = analyser.copy(state);
    const spectra = analyser.take(state);
    if (spectra !== null) found.push(spectra);
    from = to;
  }
  return found;
};

const levelDb = (codes: Uint8Array | undefined, hz: number): number =>
  -100 + 0.5 * (codes?.[Math.round(hz / LONG_BIN_HZ)] ?? 0);

describe('long spectra', () => {
  it('give a sine its level, one spectrum a second from 4 s on', () => {
    const sine = Float32Array.from({ length: 7 * RATE_HZ }, (_, n) => 0.1 * Math.sin((2 * Math.PI * 50 * n) / RATE_HZ));
    const found = spectraOf(sine);
    expect(found).toHaveLength(3);
    expect(levelDb(found[2]?.spectrum, 50)).toBeCloseTo(-20, 0);
    expect(levelDb(found[2]?.spectrum, 60)).toBeLessThan(-80);
  });

  it('give the depth of an envelope’s modulation, whatever the level', () => {
    const tone = (amplitude: number) =>
      Float32Array.from({ length: 6 * RATE_HZ }, (_, n) => {
        const t = n / RATE_HZ;
        return amplitude * Math.sqrt(1 + 0.5 * Math.cos(2 * Math.PI * 87.25 * t)) * Math.sin(2 * Math.PI * 4000 * t);
      });
    for (const amplitude of [0.5, 0.005]) {
      const [, last] = spectraOf(tone(amplitude));
      expect(Math.abs(levelDb(last?.envelope, 87.25) - 20 * Math.log10(0.5))).toBeLessThan(0.5);
    }
  });

  it('do not depend on how the sound is cut', () => {
    const samples = machine(6, 88, 0.3);
    const whole = spectraOf(samples);
    expect(whole).toHaveLength(2);
    const sizes = fc.array(fc.integer({ min: 1, max: 16_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, (some) => {
        expect(
          spectraOf(
            samples,
            some.map((size) => size + 500),
          ),
        ).toEqual(whole);
      }),
      { numRuns: 6 },
    );
  });

  it('are silent for silence', () => {
    const [spectra] = spectraOf(new Float32Array(5 * RATE_HZ));
    expect(spectra?.spectrum.every((code) => code === 0)).toBe(true);
    expect(spectra?.envelope.every((code) => code === 0)).toBe(true);
  });
});

describe('lines', () => {
  let healthy: LongSpectra;
  let struck: LongSpectra;
  beforeAll(() => {
    healthy = spectraOf(machine(5, 0, 0))[0] as LongSpectra;
    struck = spectraOf(machine(5, 3.58 * SHAFT_HZ * 1.006, 0.1))[0] as LongSpectra;
  });

  it('find the shaft between bins', () => {
    expect(Math.abs(findLines(healthy, settings).shaftHz - SHAFT_HZ)).toBeLessThan(0.05);
  });

  it('find no shaft where there is none', () => {
    const [hiss] = spectraOf(noise(5 * RATE_HZ, 0.3));
    expect(findLines(hiss as LongSpectra, settings)).toMatchObject({ shaftHz: 0, lines: [] });
  });

  it('tell levels of the orders and a struck bearing’s rate, slip and all', () => {
    const lines = findLines(struck, settings).lines;
    expect(lines.map(({ name }) => name)).toEqual(['1x', '2x', '3x', 'bpfo', 'bpfi', 'bsf', 'ftf']);
    // The line lies between bins: its highest one is 1 dB lower.
    expect(Math.abs((lines[0]?.levelDb ?? 0) - 20 * Math.log10(0.05))).toBeLessThan(0.4);
    const prominence = Object.fromEntries(lines.map((line) => [line.name, line.prominenceDb]));
    expect(prominence['bpfo']).toBeGreaterThan(15);
    // Twice the inner race's rate lies beside three times the outer one's.
    expect(prominence['bpfi']).toBeLessThan((prominence['bpfo'] ?? 0) - 5);
    expect(Math.abs((lines[3]?.frequencyHz ?? 0) - 3.58 * SHAFT_HZ * 1.006)).toBeLessThan(LONG_BIN_HZ);
    const unhurt = findLines(healthy, settings).lines.find(({ name }) => name === 'bpfo');
    expect(unhurt?.prominenceDb).toBeLessThan(10);
  });

  it('leave out rates that are not known', () => {
    const known = { ...settings, bpfoOrder: 0, bpfiOrder: 0, bsfOrder: 0, ftfOrder: 0 };
    expect(findLines(struck, known).lines.map(({ name }) => name)).toEqual(['1x', '2x', '3x']);
  });
});
