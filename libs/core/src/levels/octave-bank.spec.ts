import { describe, expect, it } from '@jest/globals';
import { halfBandGain, designHalfBand } from './half-band.js';
import { createLevelMeter, type LevelMeter } from './level-meter.js';
import { bandResponse, planBank } from './octave-bank.js';
import { measure, noise, sine } from './test-signals.js';
import { bandsOfRate, thirdOctaveBand, type ThirdOctaveBand } from './third-octave.js';

/** Limits of attenuation, dB: IEC 61260:1995 class 1, which lie inside those of IEC 61260-1:2014 class 1. [octaves·G, least, most] */
const LIMITS = [
  [0, -0.3, 0.3],
  [1 / 8, -0.3, 0.4],
  [1 / 4, -0.3, 0.6],
  [3 / 8, -0.3, 1.3],
  [0.4999, -0.3, 5],
  [0.5001, 2, Infinity],
  [1, 17.5, Infinity],
  [2, 42, Infinity],
  [3, 61, Infinity],
  [4, 70, Infinity],
] as const;

const G = 10 ** 0.3;
/** Breakpoints of the octave mask carried over to third octaves (IEC 61260-1, 5.10.3). */
const maskRatio = (exponent: number): number => 1 + ((G ** (1 / 6) - 1) / (G ** (1 / 2) - 1)) * (G ** exponent - 1);

const meters = new Map<number, LevelMeter>();

/** Response of the whole bank (decimators included) at one frequency: attenuation of the band, dB. */
const attenuationDb = (rateHz: number, band: ThirdOctaveBand, hz: number): number => {
  const meter = meters.get(rateHz) ?? createLevelMeter(rateHz);
  meters.set(rateHz, meter);
  const state = meter.rest();
  // Long enough for the band to settle; then the energy of whole seconds.
  const settle = Math.ceil(20 / (band.upperHz - band.lowerHz) + 1);
  const energies = { band: 0, all: 0 };
  for (let second = 0; second < settle + 2; second++) {
    const { sin, PI } = Math;
    const samples = new Float64Array(rateHz);
    for (let i = 0; i < rateHz; i++) samples[i] = 0.5 * sin(2 * PI * hz * (second + i / rateHz));
    meter.push(state, samples, 0, rateHz, 0);
    const levels = meter.take(state);
    if (second < settle) continue;
    energies.band += 10 ** ((levels.thirdOctaveDb[band.index] ?? -Infinity) / 10);
    energies.all += 10 ** ((levels.lzeqDb ?? NaN) / 10);
  }
  // Nothing left in the band: 200 dB.
  return -10 * Math.log10(Math.max(1e-20, energies.band / energies.all));
};

describe('third-octave bands', () => {
  it('have base-10 mid-frequencies and nominal names', () => {
    expect([0, 1, 2, 6, 16, 17, 27, 29].map((i) => thirdOctaveBand(i).label)).toEqual([
      '25',
      '31.5',
      '40',
      '100',
      '1000',
      '1250',
      '12500',
      '20000',
    ]);
    expect(thirdOctaveBand(16).midHz).toBeCloseTo(1000, 9);
    expect(thirdOctaveBand(0).midHz).toBeCloseTo(25.1189, 4);
  });

  it.each([
    [8000, '3150'],
    [16_000, '6300'],
    [22_050, '8000'],
    [32_000, '12500'],
    [44_100, '16000'],
    [48_000, '20000'],
    [96_000, '40000'],
  ])('at %d Hz reach to %s Hz', (rateHz, label) => {
    const bands = bandsOfRate(rateHz);
    expect(bands.findLast(({ valid }) => valid)?.label).toBe(label);
    expect(bands.length).toBeGreaterThanOrEqual(30);
  });
});

describe.each([
  [16_000, ['400', '2500', '5000', '6300']],
  [44_100, ['1000', '8000', '12500', '16000']],
  [48_000, ['250', '4000', '5000', '10000', '20000']],
])('the bank at %d Hz', (rateHz, labels) => {
  const bank = planBank(rateHz);
  it.each(labels)('%s Hz lies inside class 1', (label) => {
    const band = bandsOfRate(rateHz).find((one) => one.label === label);
    if (band === undefined) throw new Error(label);
    const responseDb = bandResponse(bank, rateHz, band.index);
    for (const [exponent, least, most] of LIMITS) {
      for (const ratio of exponent === 0 ? [1] : [maskRatio(exponent), 1 / maskRatio(exponent)]) {
        const hz = band.midHz * ratio;
        if (hz > 0.499 * rateHz) continue;
        const attenuation = attenuationDb(rateHz, band, hz);
        expect(attenuation).toBeGreaterThan(least);
        expect(attenuation).toBeLessThan(most);
        // What the report compares noise with is what the bank does.
        const designed = -responseDb(hz);
        if (designed < 50) expect(Math.abs(attenuation - designed)).toBeLessThan(0.02);
      }
    }
  });
});

describe('band levels', () => {
  it.each([16_000, 32_000, 48_000])('at %d Hz: a tone in mid-band reads its level', (rateHz) => {
    for (const { index, midHz, valid } of bandsOfRate(rateHz)) {
      if (!valid || index < 3 || index % 4 !== 0) continue;
      const [, second] = measure(sine(midHz, rateHz, 2), rateHz);
      expect(second?.thirdOctaveDb[index]).toBeCloseTo(-9.03, 1);
    }
  });

  it('white noise grows by 1 dB per band, and the bands together hold its energy', () => {
    const [, , third] = measure(noise(48_000 * 3), 48_000);
    const bands = third?.thirdOctaveDb ?? [];
    for (const band of bandsOfRate(48_000)) {
      if (band.index < 10) continue;
      // Variance of uniform ±0.5 noise spread over 24 kHz; Butterworth bands pass 4.7 % more than ideal ones.
      const expected = 10 * Math.log10(((1 / 12) * (band.upperHz - band.lowerHz) * 1.047) / 24_000);
      // Four standard deviations of the level of one second of noise.
      const tolerance = (4 * 4.34) / Math.sqrt(band.upperHz - band.lowerHz);
      expect(Math.abs((bands[band.index] ?? NaN) - expected)).toBeLessThan(tolerance);
    }
  });
});

describe('half-band decimator', () => {
  it('is flat to 0.2 of the rate and 100 dB down from 0.3', () => {
    const coefficients = designHalfBand(6, 0.1);
    for (let share = 0; share <= 0.2; share += 0.01) {
      expect(Math.abs(20 * Math.log10(halfBandGain(coefficients, 2 * Math.PI * share)))).toBeLessThan(1e-6);
    }
    for (let share = 0.3; share <= 0.5; share += 0.01) {
      expect(20 * Math.log10(halfBandGain(coefficients, 2 * Math.PI * share))).toBeLessThan(-100);
    }
  });
});
