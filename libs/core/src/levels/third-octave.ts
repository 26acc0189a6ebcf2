/** One third-octave band of IEC 61260-1 (base 10). */
export interface ThirdOctaveBand {
  /** 25 Hz is 0. */
  readonly index: number;
  /** Nominal mid-frequency, e.g. "31.5", "1000". */
  readonly label: string;
  readonly midHz: number;
  readonly lowerHz: number;
  readonly upperHz: number;
}

const NOMINAL = ['1', '1.25', '1.6', '2', '2.5', '3.15', '4', '5', '6.3', '8'] as const;

/** Band `index`: exact mid-frequency 1000 · 10^((index - 16) / 10) Hz, edges at ± half a band. */
export const thirdOctaveBand = (index: number): ThirdOctaveBand => {
  const number = index + 14;
  const nominal = Number(NOMINAL[number % 10]) * 10 ** Math.floor(number / 10);
  return {
    index,
    label: String(Number(nominal.toPrecision(6))),
    midHz: 10 ** (number / 10),
    lowerHz: 10 ** ((number - 0.5) / 10),
    upperHz: 10 ** ((number + 0.5) / 10),
  };
};

/** Index of the 1 kHz band. */
export const THIRD_OCTAVE_1_KHZ = 16;

/** Bands whose upper edge lies above this share of the rate are not measured: null. */
export const VALID_SHARE = 0.475;

/** Number of bands of every result: 25 Hz … 20 kHz, and on to 80 kHz where the rate carries them. */
export const BAND_COUNT_MIN = 30;

/** The bands reported at a rate: at least 25 Hz … 20 kHz; those that are not valid at the rate read null. */
export const bandsOfRate = (rateHz: number): readonly (ThirdOctaveBand & { readonly valid: boolean })[] => {
  const bands = [];
  for (let index = 0; ; index++) {
    const band = thirdOctaveBand(index);
    const valid = band.upperHz <= VALID_SHARE * rateHz;
    if (index >= BAND_COUNT_MIN && !valid) return bands;
    bands.push({ ...band, valid });
  }
};
