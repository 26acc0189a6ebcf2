/** The mel scale of the canonical front end (Slaney: linear below 1 kHz, logarithmic above). */

const LINEAR_HZ_PER_MEL = 200 / 3;
const BREAK_HZ = 1000;
const BREAK_MEL = BREAK_HZ / LINEAR_HZ_PER_MEL;
const LOG_STEP = Math.log(6.4) / 27;

export const MEL_LOW_HZ = 50;
export const MEL_HIGH_HZ = 8000;

export function hzToMel(frequencyHz: number): number {
  return frequencyHz < BREAK_HZ
    ? frequencyHz / LINEAR_HZ_PER_MEL
    : BREAK_MEL + Math.log(frequencyHz / BREAK_HZ) / LOG_STEP;
}

export function melToHz(mel: number): number {
  return mel < BREAK_MEL ? mel * LINEAR_HZ_PER_MEL : BREAK_HZ * Math.exp((mel - BREAK_MEL) * LOG_STEP);
}

/** Where a frequency lies on an axis of `bands` equally high rows, 0 (bottom edge) to 1 (top edge). */
export function melAxisPosition(frequencyHz: number, bands: number): number {
  const low = hzToMel(MEL_LOW_HZ);
  const step = (hzToMel(MEL_HIGH_HZ) - low) / (bands + 1);
  return ((hzToMel(frequencyHz) - low) / step - 0.5) / bands;
}

/** Centre of a band, Hz. */
export function melBandCentreHz(band: number, bands: number): number {
  const low = hzToMel(MEL_LOW_HZ);
  return melToHz(low + ((hzToMel(MEL_HIGH_HZ) - low) * (band + 1)) / (bands + 1));
}
