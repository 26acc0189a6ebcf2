import { FRONT_END, hzToMel, melToHz, QUANTISED_STEP_DB } from '../dsp/index.js';

const BANDS = FRONT_END.melBands;
/** Mel bands are taken two by two: 32 pairs, and 4 by 4 for the restlessness. */
export const PAIRS = BANDS / 2;
const GROUPS = 16;
const BANDS_IN_GROUP = BANDS / GROUPS;

/**
 * What one second sounds like, 96 numbers in dB:
 * [0, 32) quiet level of each pair of bands (10th percentile over the frames), [32, 64) its loud level (90th percentile), [64, 80) restlessness of
 * each group of four bands (mean change from frame to frame, three times), [80, 96) its crest (mean of the three loudest frames over the median).
 */
export const FEATURES = 2 * PAIRS + 2 * GROUPS;
export const LOUD = PAIRS;
const RESTLESS = 2 * PAIRS;
const CREST = RESTLESS + GROUPS;

/** A change of 1 dB from frame to frame counts as much as 3 dB of level (chosen on the development half of the forest day). */
const RESTLESS_WEIGHT = 3;
const LOUDEST_FRAMES = 3;
const QUIET_SHARE = 0.1;
const LOUD_SHARE = 0.9;

/** Value at `share` of the way through the sorted codes, between two of them linearly. */
const quantile = (sorted: Uint8Array, share: number): number => {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const from = sorted[low] ?? 0;
  return from + ((sorted[low + 1] ?? from) - from) * (at - low);
};

/** `logMel`: frameCount x 64 codes, at least one frame. 96 numbers as above; levels in dB above the front end's floor. */
export const embed = (logMel: Uint8Array, frameCount: number): Float32Array => {
  const out = new Float32Array(FEATURES);
  const column = new Uint8Array(frameCount);
  for (let band = 0; band < BANDS; band += 1) {
    for (let frame = 0; frame < frameCount; frame += 1) column[frame] = logMel[frame * BANDS + band] ?? 0;
    column.sort();
    const pair = band >> 1;
    const half = QUANTISED_STEP_DB / 2;
    out[pair] = (out[pair] ?? 0) + half * quantile(column, QUIET_SHARE);
    out[LOUD + pair] = (out[LOUD + pair] ?? 0) + half * quantile(column, LOUD_SHARE);
  }
  const sums = new Uint16Array(frameCount);
  const toDb = QUANTISED_STEP_DB / BANDS_IN_GROUP;
  for (let group = 0; group < GROUPS; group += 1) {
    for (let frame = 0; frame < frameCount; frame += 1) {
      const at = frame * BANDS + group * BANDS_IN_GROUP;
      let sum = 0;
      for (let band = 0; band < BANDS_IN_GROUP; band += 1) sum += logMel[at + band] ?? 0;
      sums[frame] = sum;
    }
    let changes = 0;
    for (let frame = 1; frame < frameCount; frame += 1)
      changes += Math.abs((sums[frame] ?? 0) - (sums[frame - 1] ?? 0));
    out[RESTLESS + group] = (RESTLESS_WEIGHT * toDb * changes) / Math.max(1, frameCount - 1);
    sums.sort();
    const loudest = sums.subarray(Math.max(0, frameCount - LOUDEST_FRAMES));
    const mean = loudest.reduce((sum, value) => sum + value, 0) / loudest.length;
    out[CREST + group] = toDb * (mean - (sums[frameCount >> 1] ?? 0));
  }
  return out;
};

/** Nothing but the floor in every frame. */
export const isSilent = (logMel: Uint8Array): boolean => logMel.every((code) => code === 0);

/** Centre of a mel band, Hz. */
export const bandFrequencyHz = (band: number): number => {
  const [from, to] = [hzToMel(FRONT_END.minHz), hzToMel(FRONT_END.maxHz)];
  return melToHz(from + ((to - from) * (band + 1)) / (BANDS + 1));
};

/** Of a pair's two bands the one that sounds louder (`louder`) or softer in this second, Hz. */
export const frequencyInPairHz = (logMel: Uint8Array, pair: number, louder: boolean): number => {
  let difference = 0;
  for (let at = 2 * pair; at < logMel.length; at += BANDS) difference += (logMel[at + 1] ?? 0) - (logMel[at] ?? 0);
  return bandFrequencyHz(2 * pair + (difference > 0 === louder ? 1 : 0));
};
