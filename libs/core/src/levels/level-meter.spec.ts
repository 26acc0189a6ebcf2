import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shiftLevels } from './level-db.js';
import { createLevelMeter } from './level-meter.js';
import { decodePcm } from './pcm.js';
import { energyMeanDb, summariseLevels, unweightedDb } from './statistics.js';
import { measure, noise, sine } from './test-signals.js';
import type { SecondLevels } from './types.js';

const numbersOf = (levels: SecondLevels): readonly (number | null)[] => [
  levels.laeqDb,
  levels.lceqDb,
  levels.lzeqDb,
  levels.lafMaxDb,
  levels.lcPeakDb,
  ...levels.laf125msDb,
  ...levels.laeq125msDb,
  ...levels.thirdOctaveDb,
];

describe('known signals', () => {
  it.each([8000, 16_000, 22_050, 44_100, 48_000, 96_000])('a 1 kHz sine of 0.5 at %d Hz reads -9.03 dB', (rateHz) => {
    const [, second] = measure(sine(1000, rateHz, 2), rateHz);
    for (const level of [second?.laeqDb, second?.lceqDb, second?.lzeqDb, second?.lafMaxDb, second?.laf125msDb[7]]) {
      expect(Math.abs((level ?? NaN) + 9.031)).toBeLessThan(0.005);
    }
    // F lets the 2 kHz ripple of the square through: 0.01 dB; the peak is that of samples.
    expect(second?.lcPeakDb).toBeGreaterThan(-6.2);
    expect(second?.lcPeakDb).toBeLessThan(-6.0);
    expect(second?.laeq125msDb).toHaveLength(8);
  });

  it('a full-scale square wave is 0 dB', () => {
    const [, second] = measure(sine(100, 48_000, 2, 1).map(Math.sign), 48_000);
    expect(Math.abs(second?.lzeqDb ?? NaN)).toBeLessThan(0.01);
  });

  it('digital silence has no levels', () => {
    for (const second of measure(new Float32Array(40_000), 16_000)) {
      expect(numbersOf(second).every((level) => level === null)).toBe(true);
      expect(second.clippedShare).toBe(0);
    }
  });

  it('a second of zeros after sound has no levels, and sound after it reads as ever', () => {
    const samples = new Float32Array(64_000);
    samples.set(sine(1000, 16_000, 1), 0);
    samples.set(sine(1000, 16_000, 2), 32_000);
    const [, silent, , again] = measure(samples, 16_000);
    expect(silent === undefined ? [0] : numbersOf(silent).filter((level) => level !== null)).toEqual([]);
    expect(again?.laeqDb).toBeCloseTo(-9.03, 2);
  });

  it('an impulse has the energy of the weighting at its own place', () => {
    const samples = new Float32Array(48_000);
    samples[20_000] = 1;
    const [second] = measure(samples, 48_000);
    expect(second?.lzeqDb).toBeCloseTo(-10 * Math.log10(48_000), 1);
    expect(second?.laeq125msDb.slice(0, 3)).toEqual([null, null, null]);
    expect(second?.clippedShare).toBeCloseTo(1 / 48_000, 9);
  });

  it('time weighting F falls by 34.7 dB per second and rises with 125 ms', () => {
    const samples = new Float32Array(96_000);
    samples.set(sine(1000, 48_000, 1));
    samples[95_999] = 1e-6;
    const [first, second] = measure(samples, 48_000);
    expect(first?.laf125msDb[0]).toBeCloseTo(-9.03 + 10 * Math.log10(1 - Math.exp(-1)), 1);
    const laf = second?.laf125msDb ?? [];
    expect((laf[1] ?? NaN) - (laf[5] ?? NaN)).toBeCloseTo(34.74 / 2, 1);
  });

  it('DC that was there from the start is not measured', () => {
    const rateHz = 48_000;
    const quiet = noise(rateHz * 2, 1e-4);
    const [first, second] = measure(
      quiet.map((x) => x + 0.25),
      rateHz,
    );
    const [clean] = measure(quiet, rateHz);
    // Float32 rounds quiet + 0.25 to steps of 3e-8.
    for (const key of ['laeqDb', 'lceqDb', 'lzeqDb'] as const) {
      expect(Math.abs((first?.[key] ?? NaN) - (clean?.[key] ?? NaN))).toBeLessThan(0.1);
      expect(Math.abs((second?.[key] ?? NaN) - (first?.[key] ?? NaN))).toBeLessThan(0.5);
    }
  });

  it('counts clipped samples', () => {
    const [second] = measure(
      sine(100, 16_000, 1, 2).map((x) => Math.max(-1, Math.min(1, x))),
      16_000,
    );
    expect(second?.clippedShare).toBeCloseTo(2 / 3, 2);
  });
});

describe('streaming', () => {
  const sound = (count: number): Float32Array => noise(count).map((x, n) => x * Math.sin(n / 9000) + 0.01);

  // Sizes spread over the decades, so that calls of a few samples and of two seconds are about as frequent.
  const size = fc.double({ min: 0, max: 1, noNaN: true }).map((share) => Math.round(96_000 ** share));

  it.each([11_025, 48_000, 96_000])(
    'at %d Hz: bit-equal however the samples are cut, 1 to 96,000 at a time',
    (rateHz) => {
      const samples = sound(Math.round(rateHz * 2.2));
      const whole = measure(samples, rateHz);
      fc.assert(
        // A cut of one sample copies the state as often as there are samples: the sizes follow one another, the last one goes on.
        fc.property(fc.array(size, { minLength: 1, maxLength: 40 }), size, (cuts, rest) => {
          const sizes = [...cuts, ...new Array<number>(1000).fill(Math.max(rest, 300))];
          expect(measure(samples, rateHz, sizes)).toEqual(whole);
        }),
        { numRuns: 12 },
      );
    },
  );

  it.each([1, 2, 3, 7])('bit-equal with calls of %d samples throughout', (cut) => {
    const samples = sound(13_000);
    expect(measure(samples, 8000, [cut])).toEqual(measure(samples, 8000));
  });

  it('leaves the state it was given alone once copied, and starts anew after a run', () => {
    const meter = createLevelMeter(16_000);
    const samples = noise(8000);
    const alone = meter.rest();
    meter.push(alone, samples, 0, 8000, 8000);
    const fresh = meter.take(alone);

    const state = meter.rest();
    meter.push(state, noise(8000, 0.3, 7), 0, 8000, 0);
    meter.take(state);
    meter.endRun(state);
    const kept = structuredClone(state);
    meter.push(meter.copy(state), samples, 0, 8000, 8000);
    expect(state).toEqual(kept);
    meter.push(state, samples, 0, 8000, 8000);
    expect(meter.take(state)).toEqual(fresh);
  });
});

describe('calibration', () => {
  it('shifts every level and leaves null', () => {
    const [second] = measure(sine(1000, 16_000, 1), 16_000);
    if (second === undefined) throw new Error('no second');
    const shifted = shiftLevels(second, 94);
    numbersOf(second).forEach((level, i) => {
      const moved = numbersOf(shifted)[i];
      if (level === null) expect(moved).toBeNull();
      else expect(moved).toBeCloseTo(level + 94, 10);
    });
    expect(shifted.clippedShare).toBe(second.clippedShare);
  });
});

const RECORDINGS = process.env['EARSHOT_RECORDINGS'] ?? join(process.cwd(), '../shared/data');
const present = existsSync(join(RECORDINGS, 'noisesensor'));
if (!present) console.warn(`No recordings at ${RECORDINGS} (EARSHOT_RECORDINGS): levels are not tested on them`);

(present ? describe : describe.skip)('real recordings', () => {
  const read = (name: string): Uint8Array => readFileSync(join(RECORDINGS, 'noisesensor', name));

  it('speech: known Leq per second, known LAeq', () => {
    const seconds = measure(decodePcm('s16le', read('speak_32000Hz_16bitsPCM_10s.raw')), 32_000);
    const known = [-26.21, -27.94, -29.12, -28.92, -40.4, -24.93, -31.55, -29.04, -31.08, -30.65];
    expect(seconds).toHaveLength(10);
    known.forEach((level, i) => {
      expect(Math.abs((seconds[i]?.lzeqDb ?? NaN) - level)).toBeLessThan(0.01);
    });
    expect(Math.abs((summariseLevels(seconds).laeqDb ?? NaN) + 33.744)).toBeLessThan(0.01);
  });

  it('calibrator: 94 dB tone, and 36.39 dB(A) with its calibration', () => {
    const left = { count: 2, index: 0 };
    const tone = measure(decodePcm('s32le', read('ref94dB_48000Hz_32bitsPCM.raw'), left), 48_000);
    expect(tone).toHaveLength(2);
    for (const level of [summariseLevels(tone).laeqDb, energyMeanDb(tone.map(({ lzeqDb }) => lzeqDb))]) {
      expect(Math.abs((level ?? NaN) + 38.092)).toBeLessThan(0.005);
    }
    const quiet = measure(decodePcm('s32le', read('ref38dB_48000Hz_32bitsPCM.raw'), left), 48_000);
    const laeqDb = summariseLevels(quiet.map((second) => shiftLevels(second, 132.092))).laeqDb;
    expect(Math.abs((laeqDb ?? NaN) - 36.39)).toBeLessThan(0.01);
    expect(quiet[0]?.flags).toEqual(['dc_offset']);
    const { leqDb, leqWithoutDcDb } = unweightedDb(decodePcm('s32le', read('ref38dB_48000Hz_32bitsPCM.raw'), left));
    expect(Math.abs((leqDb ?? NaN) + 132.092 - 55.88)).toBeLessThan(0.01);
    expect(Math.abs((leqWithoutDcDb ?? NaN) + 132.092 - 53.67)).toBeLessThan(0.01);
  });

  it('a 24-bit file reads as its 1 kHz sine', () => {
    const samples = decodePcm('s24le', read('sinus1khz_32000Hz_24bitsPCM_2s.raw'));
    expect(samples).toHaveLength(64_000);
    const [, second] = measure(samples, 32_000);
    expect(second?.thirdOctaveDb[16]).toBeCloseTo(second?.lzeqDb ?? NaN, 1);
  });
});
