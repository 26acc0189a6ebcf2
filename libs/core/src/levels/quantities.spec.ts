import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createDetectCalibrator, type CalibratorSecond } from './calibrator.js';
import { denLevel } from './day-levels.js';
import { createLevelMeter } from './level-meter.js';
import { exceedances, exposureDb, summariseLevels } from './statistics.js';
import { measure, noise, sine } from './test-signals.js';

const RATE = 48_000;

/** A toneburst of 4 kHz in the middle of three seconds, whole periods. */
const burst = (ms: number): Float64Array => {
  const samples = new Float64Array(6 * RATE);
  const count = Math.round((ms * RATE) / 1000);
  for (let n = 0; n < count; n++) samples[2 * RATE + n] = 0.5 * Math.sin((2 * Math.PI * 4000 * n) / RATE);
  // Something to hear before: a second of nothing but zeros has no levels.
  for (let n = 0; n < 6 * RATE; n++) samples[n] = (samples[n] ?? 0) + 1e-9 * (n % 2);
  return samples;
};

const most = (values: readonly (number | null)[]): number => Math.max(...values.map((value) => value ?? -Infinity));

describe('tonebursts of IEC 61672-1, table 4', () => {
  const steady = measure(sine(4000, RATE, 8), RATE).at(-1);
  const reference = steady?.laeqDb ?? NaN;

  it.each([
    [1000, 0, -2, 0],
    [500, -0.1, -4.1, -3],
    [200, -1, -7.4, -7],
    [100, -2.6, -10.2, -10],
    [50, -4.8, -13.1, -13],
    [20, -8.3, -17, -17],
    [10, -11.1, -20, -20],
    [5, -14.1, -23, -23],
    [2, -18, -27, -27],
    [1, -21, null, -30],
    [0.5, -24, null, -33],
    [0.25, -27, null, -36],
  ])('%d ms: F %d, S %d, LAE %d dB', (ms, fDb, sDb, eDb) => {
    const seconds = measure(burst(ms), RATE);
    expect(Math.abs(most(seconds.map(({ lafMaxDb }) => lafMaxDb)) - reference - fDb)).toBeLessThan(0.2);
    if (sDb !== null) {
      expect(Math.abs(most(seconds.map(({ lasMaxDb }) => lasMaxDb)) - reference - sDb)).toBeLessThan(0.2);
    }
    expect(Math.abs((summariseLevels(seconds).laeDb ?? NaN) - reference - eDb)).toBeLessThan(0.2);
  });
});

describe('peak', () => {
  it.each([31.5, 1000, 8000, 12_500])('%d Hz reads its amplitude, whatever its phase', (hz) => {
    const gain =
      (measure(sine(hz, RATE, 3), RATE)[2]?.lceqDb ?? NaN) - (measure(sine(hz, RATE, 3), RATE)[2]?.lzeqDb ?? NaN);
    for (const phase of [0, 0.3, Math.PI / 6, 1.1]) {
      const samples = Float32Array.from(
        { length: 3 * RATE },
        (_, n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / RATE + phase),
      );
      const peak = measure(samples, RATE)[2]?.lcPeakDb ?? NaN;
      expect(Math.abs(peak - gain - 20 * Math.log10(0.5))).toBeLessThan(0.1);
    }
  });
});

describe('time weightings', () => {
  it('S falls by 4.34 dB per second', () => {
    const samples = new Float64Array(8 * RATE).map((_, n) =>
      n < 4 * RATE ? 0.5 * Math.sin(n * 0.13) : 1e-9 * (n % 2),
    );
    const seconds = measure(samples, RATE);
    const [a, b] = [seconds[5]?.lasMaxDb ?? NaN, seconds[6]?.lasMaxDb ?? NaN];
    expect(a - b).toBeCloseTo(4.343, 2);
  });

  it('LAFmin is unknown in the first second, then close below LAeq of a steady tone', () => {
    const [first, second] = measure(sine(1000, RATE, 2), RATE);
    expect(first?.lafMinDb).toBeNull();
    expect(Math.abs((second?.lafMinDb ?? NaN) - (second?.laeqDb ?? NaN))).toBeLessThan(0.02);
  });
});

describe('flags', () => {
  const flagsOf = (samples: Float32Array | Float64Array): readonly string[] =>
    measure(samples, RATE).at(-1)?.flags ?? [];
  const rounded = (bits: number) => (x: number) => Math.round(x * 2 ** (bits - 1)) / 2 ** (bits - 1);

  it('names what is wrong and nothing else', () => {
    expect(flagsOf(sine(1000, RATE, 2))).toEqual([]);
    expect(flagsOf(sine(1000, RATE, 2, 1.2).map((x) => Math.max(-1, Math.min(1, x))))).toEqual(['overload']);
    expect(flagsOf(sine(1000, RATE, 2, 0.1).map((x) => x + 0.05))).toEqual(['dc_offset']);
    expect(flagsOf(new Float32Array(2 * RATE))).toEqual(['dead_microphone']);
    expect(flagsOf(noise(2 * RATE, 3e-5).map(rounded(16)))).toContain('under_range');
    expect(flagsOf(Float64Array.from(noise(2 * RATE, 1e-4)).map(rounded(24)))).toEqual([]);
    expect(flagsOf(sine(1000, RATE, 2).map((x, n) => (n > 80_000 && n < 84_000 ? 0.25 : x)))).toContain(
      'stuck_samples',
    );
  });
});

describe('snapshots of an older version', () => {
  it('go on: what they lack begins at rest', () => {
    const meter = createLevelMeter(16_000);
    const samples = noise(32_000);
    const state = meter.rest();
    meter.push(state, samples, 0, 16_000, 0);
    const whole = meter.take(meter.copy(state));
    const old = { ...state, filters: state.filters.slice(0, -24), second: state.second.slice(0, -6) };
    const { lafMinDb, lasMaxDb, laiMaxDb, dcDb, ...kept } = meter.take(meter.copy(old));
    expect([lafMinDb, lasMaxDb, laiMaxDb, dcDb]).toEqual([null, null, null, null]);
    expect(kept).toMatchObject({ laeqDb: whole.laeqDb, thirdOctaveDb: whole.thirdOctaveDb });
  });
});

describe('window statistics', () => {
  it('exposure, exceedances, Lden', () => {
    expect(exposureDb(60, 10)).toBeCloseTo(70, 10);
    expect(exposureDb(null, 10)).toBeNull();
    expect(exceedances([50, 61, 62, null, 70, 59, 60.1], 60)).toBe(3);
    // A constant level: 10 lg((12 + 4 · 10^0.5 + 8 · 10) / 24) above it.
    expect(denLevel({ ldayDb: 50, leveningDb: 50, lnightDb: 50 })).toBeCloseTo(56.395, 2);
    expect(denLevel({ ldayDb: 50, leveningDb: null, lnightDb: 50 })).toBeNull();
  });
});

describe('calibrator', () => {
  const T0 = 1_780_000_000e6;
  const secondsOf = (samples: Float32Array): readonly CalibratorSecond[] =>
    measure(samples, RATE).map((levels, i) => ({ ...levels, timeUs: T0 + i * 1e6, durationMs: 1000 }));
  const find = (seconds: readonly CalibratorSecond[]) => {
    const detector = createDetectCalibrator();
    let state = detector.init();
    return seconds.map((second) => {
      const after = detector.step(structuredClone(state), second);
      state = after.state;
      return after.tone;
    });
  };
  const join = (...parts: readonly Float32Array[]): Float32Array => {
    const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
    return all;
  };

  it('finds a tone in noise, with its level', () => {
    const tones = find(secondsOf(join(noise(3 * RATE, 0.01), sine(1000, RATE, 7, 0.1), noise(2 * RATE, 0.01))));
    const found = tones.filter((tone) => tone !== null);
    expect(found.length).toBeGreaterThanOrEqual(1);
    const last = found.at(-1);
    expect(last?.levelDb).toBeCloseTo(-23.01, 2);
    expect(last?.onsetUs).toBeGreaterThanOrEqual(T0 + 3e6);
    expect(last?.durationS).toBeGreaterThanOrEqual(5);
    expect(tones.at(-1)).toBeNull();
  });

  it('takes no short, unsteady, impure or other tone for it', () => {
    const sines = (hz: number) => sine(hz, RATE, 9, 0.1);
    expect(find(secondsOf(sine(1000, RATE, 4, 0.1))).every((tone) => tone === null)).toBe(true);
    expect(find(secondsOf(sines(1250))).every((tone) => tone === null)).toBe(true);
    expect(find(secondsOf(sines(250))).every((tone) => tone === null)).toBe(true);
    expect(find(secondsOf(sines(1000).map((x, n) => x * (1 + (0.03 * n) / RATE)))).every((tone) => tone === null)).toBe(
      true,
    );
    const mixed = noise(9 * RATE, 0.05);
    expect(find(secondsOf(sines(1000).map((x, n) => x + (mixed[n] ?? 0)))).every((tone) => tone === null)).toBe(true);
  });

  it('no recording of noise is taken for it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) =>
        find(secondsOf(noise(6 * RATE, 0.3, seed))).every((tone) => tone === null),
      ),
      { numRuns: 3 },
    );
  });
});
