import { FRONT_END, hzToMel, melToHz, QUANTISED_FLOOR_DB, QUANTISED_STEP_DB } from '../dsp/index.js';

export const BANDS = FRONT_END.melBands;
/** Shape per band, then the overall level. */
export const FEATURES = BANDS + 1;
export const LEVEL = BANDS;

/** Mean code per band over the frames, 64 numbers 0..255. */
export const meanCodes = (logMel: Uint8Array, frameCount: number): Float32Array => {
  const mean = new Float32Array(BANDS);
  for (let at = 0; at < frameCount * BANDS; at += BANDS) {
    for (let band = 0; band < BANDS; band += 1) mean[band] = (mean[band] ?? 0) + (logMel[at + band] ?? 0);
  }
  return mean.map((sum) => sum / frameCount);
};

/**
 * What one second sounds like: the level (mean of the bands' dB) and the shape (each band's dB above that level). Taken
 * apart, so that louder and different are seen each by itself. 65 numbers, dB.
 */
export const profileOf = (codes: ArrayLike<number>): Float32Array => {
  const profile = new Float32Array(FEATURES);
  let sum = 0;
  for (let band = 0; band < BANDS; band += 1) sum += codes[band] ?? 0;
  const meanCode = sum / BANDS;
  for (let band = 0; band < BANDS; band += 1) profile[band] = ((codes[band] ?? 0) - meanCode) * QUANTISED_STEP_DB;
  profile[LEVEL] = QUANTISED_FLOOR_DB + meanCode * QUANTISED_STEP_DB;
  return profile;
};

/** Centre of a mel band, Hz. */
export const bandFrequencyHz = (band: number): number => {
  const [from, to] = [hzToMel(FRONT_END.minHz), hzToMel(FRONT_END.maxHz)];
  return melToHz(from + ((to - from) * (band + 1)) / (BANDS + 1));
};
