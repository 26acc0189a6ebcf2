/** [Hz (nominal), class 1 upper, lower, class 2 upper, lower] of IEC 61672-1:2013, table 3, dB; from the row's frequency upwards. */
const TABLE_3: readonly (readonly [number, number, number, number, number])[] = [
  [25, 2, -1.5, 3, -3],
  [31.5, 1.5, -1.5, 3, -3],
  [40, 1, -1, 2, -2],
  [100, 1, -1, 1.5, -1.5],
  [1000, 0.7, -0.7, 1, -1],
  [1250, 1, -1, 1.5, -1.5],
  [1600, 1, -1, 2, -2],
  [2500, 1, -1, 2.5, -2.5],
  [4000, 1, -1, 3, -3],
  [5000, 1.5, -1.5, 3.5, -3.5],
  [6300, 1.5, -2, 4.5, -4.5],
  [8000, 1.5, -2.5, 5, -5],
  [10_000, 2, -3, 5, -Infinity],
  [12_500, 2, -5, 5, -Infinity],
  [16_000, 2.5, -16, 5, -Infinity],
  [20_000, 3, -Infinity, 5, -Infinity],
];

/** Limits of a weighting's deviation at a frequency, dB. Beyond 20 kHz the standard has none: those of 20 kHz. */
export const weightingLimits = (hz: number) => {
  const row = TABLE_3.findLast(([from]) => from <= hz * 1.03) ?? [25, 2, -1.5, 3, -3];
  return { class1: { upper: row[1], lower: row[2] }, class2: { upper: row[3], lower: row[4] } };
};

/** [exponent of G for an octave, least, largest attenuation dB] of IEC 61260-1:2014, table 1, class 1, above mid-frequency. */
export const BAND_MASK: readonly (readonly [number, number, number])[] = [
  [0, -0.4, 0.4],
  [1 / 8, -0.4, 0.5],
  [1 / 4, -0.4, 0.7],
  [3 / 8, -0.4, 1.4],
  [0.499, -0.4, 5.3],
  [1, 16.6, Infinity],
  [2, 40.5, Infinity],
  [3, 60, Infinity],
];

const G = 10 ** 0.3;

/** Frequency ratio of a mask's point for bands of 1/`fraction` octave (IEC 61260-1, 5.10.5). */
export const maskRatio = (exponent: number, fraction: number): number =>
  1 + ((G ** (1 / (2 * fraction)) - 1) / (G ** 0.5 - 1)) * (G ** exponent - 1);

/** Toneburst at 4 kHz: ms, LAFmax, LASmax (null: none), LAE less the steady level, dB (IEC 61672-1:2013, table 4). */
export const TONEBURSTS: readonly (readonly [number, number, number | null, number])[] = [
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
];
