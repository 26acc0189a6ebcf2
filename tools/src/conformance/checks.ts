import { bandResponse, bandsOfRate, planBank, underRangeLimitDb, weightingDb } from '@earshot/core/levels';
import { BAND_MASK, maskRatio, TONEBURSTS, weightingLimits } from './limits.js';
import { spectrumOf } from './oracle.js';
import { measure, sine } from './signals.js';

/** One figure: how far off, dB, and within what it has to be. */
export interface Figure {
  readonly label: string;
  readonly x: number;
  readonly deviationDb: number;
  readonly lowerDb: number;
  readonly upperDb: number;
}

export interface Check {
  readonly title: string;
  readonly figures: readonly Figure[];
}

export const passes = ({ deviationDb, lowerDb, upperDb }: Figure): boolean =>
  deviationDb >= lowerDb && deviationDb <= upperDb;

const figure = (label: string, x: number, deviationDb: number, lowerDb: number, upperDb = -lowerDb): Figure => {
  return { label, x, deviationDb, lowerDb, upperDb };
};

const most = (levels: readonly (number | null)[]): number => Math.max(...levels.map((level) => level ?? -Infinity));

/** A or C against the analytic curve at every valid third; limits of class 1. */
export const weighting = (curve: 'A' | 'C', rateHz: number): Check => ({
  title: `${curve} weighting at ${rateHz} Hz`,
  figures: bandsOfRate(rateHz)
    .filter(({ valid }) => valid)
    .map(({ midHz, label }) => {
      const second = measure(sine(midHz, rateHz, 3), rateHz)[2];
      const gain = ((curve === 'A' ? second?.laeqDb : second?.lceqDb) ?? NaN) - (second?.lzeqDb ?? NaN);
      const { upper, lower } = weightingLimits(midHz).class1;
      return figure(`${label} Hz`, midHz, gain - weightingDb(curve, midHz), lower, upper);
    }),
});

/** Limits of the deviation from table 4, dB. */
const TONEBURST_LIMIT_DB = { A: 0.2, C: 0.2, Z: 0.1 } as const;

export const tonebursts = (curve: 'A' | 'C' | 'Z'): Check => {
  const rateHz = 48_000;
  const limitDb = TONEBURST_LIMIT_DB[curve];
  const steadyDb = measure(sine(4000, rateHz, 8), rateHz, curve)[7]?.laeqDb ?? NaN;
  return {
    title: `4 kHz tonebursts, ${curve}: ±${limitDb} dB of table 4`,
    figures: TONEBURSTS.flatMap(([ms, fastDb, slowDb, exposureDb]) => {
      const samples = new Float64Array(6 * rateHz).map((_, n) => 1e-9 * (n % 2));
      samples.set(sine(4000, rateHz, ms / 1000), 2 * rateHz);
      const seconds = measure(samples, rateHz, curve);
      const energy = seconds.reduce((sum, { laeqDb }) => sum + (laeqDb === null ? 0 : 10 ** (laeqDb / 10)), 0);
      const fast = most(seconds.map(({ lafMaxDb }) => lafMaxDb)) - steadyDb - fastDb;
      const slow = most(seconds.map(({ lasMaxDb }) => lasMaxDb)) - steadyDb;
      return [
        figure(`F ${ms} ms`, ms, fast, -limitDb),
        ...(slowDb === null ? [] : [figure(`S ${ms} ms`, ms, slow - slowDb, -limitDb)]),
        figure(`LE ${ms} ms`, ms, 10 * Math.log10(energy) - steadyDb - exposureDb, -limitDb),
      ];
    }),
  };
};

/** Largest value of sines between whose samples the peak lies, less the C weighting. */
export const peakC = (): Check => ({
  title: 'C peak at 48,000 Hz: ±0.2 dB',
  figures: [31.5, 500, 1000, 4000, 8000, 12_500].map((hz) => {
    const samples = sine(hz, 48_000, 3).map((_, n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / 48_000 + Math.PI / 6));
    const peak = measure(samples, 48_000)[2]?.lcPeakDb ?? NaN;
    return figure(`${hz} Hz`, hz, peak - 20 * Math.log10(0.5) - weightingDb('C', hz), -0.2);
  }),
});

/** LAeq of a 997 Hz sine rounded to `bits`, down to the under-range limit; class 1 allows ±0.8 dB. */
export const linearity = (bits: number): Check => {
  const limitDb = underRangeLimitDb(bits);
  const levels = Array.from({ length: 100 }, (_, i) => -4 - 5 * i).filter((level) => level > limitDb);
  return {
    title: `Level linearity, ${bits} bits: down to ${limitDb.toFixed(1)} dB re full scale`,
    figures: [...levels, limitDb].map((levelDb) => {
      const steps = 2 ** (bits - 1);
      const amplitude = Math.SQRT2 * 10 ** (levelDb / 20);
      const samples = sine(997, 48_000, 2, amplitude).map((x) => Math.round(x * steps) / steps);
      const expected = levelDb + weightingDb('A', 997);
      const read = measure(samples, 48_000)[1]?.laeqDb ?? NaN;
      return figure(`${levelDb.toFixed(1)} dB`, levelDb, read - expected, -0.8);
    }),
  };
};

/** Beyond this share of the rate no sine is tried. */
const HIGHEST_SHARE = 0.475;
const LOWEST_HZ = 10;

interface Group {
  readonly label: string;
  readonly midHz: number;
  /** The thirds that make it up. */
  readonly indices: readonly number[];
}

/** Thirds, or octaves made of three of them. */
const groupsOf = (rateHz: number, fraction: 1 | 3): readonly Group[] => {
  const bands = bandsOfRate(rateHz);
  return bands
    .filter(({ index }) => fraction === 3 || (index % 3 === 1 && bands[index + 1] !== undefined))
    .map(({ index, label, midHz }) => ({
      label,
      midHz,
      indices: fraction === 3 ? [index] : [index - 1, index, index + 1],
    }))
    .filter(({ indices }) => indices.every((index) => bands[index]?.valid === true));
};

/** How far a sine lies beyond the nearer limit of the class 1 mask, dB: 0 or less is inside. `fraction` 3: thirds; 1: octaves. */
export const bandMask = (rateHz: number, fraction: 1 | 3): Check => {
  const attenuationDb = (indices: readonly number[], hz: number, seconds: number): number => {
    const last = measure(sine(hz, rateHz, seconds), rateHz)[seconds - 1];
    const power = indices.reduce((sum, i) => sum + 10 ** ((last?.thirdOctaveDb[i] ?? -Infinity) / 10), 0);
    // 200 dB: nothing left in the band.
    return (last?.lzeqDb ?? NaN) - 10 * Math.log10(Math.max(power, 1e-20));
  };
  const outside = ({ midHz, indices }: Group): number => {
    const seconds = midHz < 200 ? 6 : 3;
    const distances = BAND_MASK.flatMap(([exponent, least, largest]) =>
      (exponent === 0 ? [1] : [1, -1]).flatMap((sign) => {
        const hz = midHz * maskRatio(exponent, fraction) ** sign;
        if (hz > HIGHEST_SHARE * rateHz || hz < LOWEST_HZ) return [];
        const attenuation = attenuationDb(indices, hz, seconds);
        return [Math.max(least - attenuation, attenuation - largest)];
      }),
    );
    return Math.max(...distances);
  };
  return {
    title: `${fraction === 3 ? 'Third' : 'Full'} octave bands at ${rateHz} Hz: beyond the class 1 mask`,
    figures: groupsOf(rateHz, fraction).map((group) =>
      figure(`${group.label} Hz`, group.midHz, outside(group), -Infinity, 0),
    ),
  };
};

const ANALYTIC_LIMIT_DB = 0.1;
const IDEAL_LIMIT_DB = 0.4;
/** Further off than this ratio a third lets 1e-10 of the power through at most. */
const FAR = 16;
/** Frequencies within this share of each other have one response. */
const SAME = 0.001;

/**
 * Thirds of noise against its spectrum: under the response that the filter was designed to have, and under an ideal band (all between the edges,
 * nothing else). `samples`: long, for what crosses a narrow band's edge is a matter of chance.
 */
export const bandNoise = (samples: Float64Array, rateHz: number, what: string): Check => {
  const bank = planBank(rateHz);
  const { powers, stepHz } = spectrumOf(samples, rateHz);
  const seconds = measure(samples, rateHz);
  return {
    title: `Third octaves of ${what} at ${rateHz} Hz: ±${ANALYTIC_LIMIT_DB} dB of the filter's response, ±${IDEAL_LIMIT_DB} dB of ideal bands`,
    figures: bandsOfRate(rateHz)
      .filter(({ valid }) => valid)
      .flatMap(({ index, label, midHz, lowerHz, upperHz }) => {
        const response = bandResponse(bank, rateHz, index);
        let [analytic, ideal] = [0, 0];
        const highest = Math.min(powers.length, Math.ceil((midHz * FAR) / stepHz));
        for (let k = Math.floor(midHz / FAR / stepHz); k < highest;) {
          // Bins so close that the response is the same.
          const end = Math.min(highest, k + Math.max(1, Math.floor(k * SAME)));
          const gain = 10 ** (response(((k + end - 1) / 2) * stepHz) / 10);
          for (; k < end; k++) {
            const [power, hz] = [powers[k] ?? 0, k * stepHz];
            analytic += power * gain;
            if (hz >= lowerHz && hz < upperHz) ideal += power;
          }
        }
        const energy = seconds.reduce((sum, { thirdOctaveDb }, i) => {
          const count = Math.min(rateHz, samples.length - i * rateHz);
          return sum + (count / samples.length) * 10 ** ((thirdOctaveDb[index] ?? -Infinity) / 10);
        }, 0);
        const readDb = 10 * Math.log10(energy);
        return [
          figure(`${label} Hz, analytic`, midHz, readDb - 10 * Math.log10(analytic), -ANALYTIC_LIMIT_DB),
          figure(`${label} Hz, ideal`, midHz, readDb - 10 * Math.log10(ideal), -IDEAL_LIMIT_DB),
        ];
      }),
  };
};

/** Fall after a sine stops, dB per second: F 34.7, S 4.34. */
export const decay = (): Check => {
  const samples = new Float64Array(5 * 48_000).map((_, n) => 1e-9 * (n % 2));
  samples.set(sine(1000, 48_000, 2));
  const [, , first, second, third] = measure(samples, 48_000);
  const laf = first?.laf125msDb ?? [];
  const fast = 2 * ((laf[1] ?? NaN) - (laf[5] ?? NaN));
  const slow = (second?.lasMaxDb ?? NaN) - (third?.lasMaxDb ?? NaN);
  return {
    title: 'Decay after a tone, dB/s less 34.7 (F) and 4.34 (S)',
    figures: [
      figure('F', 125, fast - 10 * Math.log10(Math.E) * 8, -0.1),
      figure('S', 1000, slow - 10 * Math.log10(Math.E), -0.05),
    ],
  };
};
