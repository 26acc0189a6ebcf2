import { frequencyInPairHz, LOUD, PAIRS } from './embedding.js';
import type { OperatingState } from './operating-states.js';
import type { BandDeviation } from './types.js';

const MOST_BANDS = 5;

/** The bands in which a second differs most from its nearest operating state, the most unusual first; at most five. */
export const explain = (
  state: OperatingState,
  embedding: Float32Array,
  logMel: Uint8Array,
): readonly BandDeviation[] => {
  const deviation = (feature: number): { readonly deviationDb: number; readonly sigmas: number } => {
    const deviationDb = (embedding[feature] ?? 0) - (state.mean[feature] ?? 0);
    return { deviationDb, sigmas: Math.abs(deviationDb) / Math.sqrt(state.variance[feature] ?? 1) };
  };
  return Array.from({ length: PAIRS }, (_, pair) => {
    const [quiet, loud] = [deviation(pair), deviation(LOUD + pair)];
    return { pair, ...(quiet.sigmas > loud.sigmas ? quiet : loud) };
  })
    .sort((a, b) => b.sigmas - a.sigmas)
    .slice(0, MOST_BANDS)
    .map(({ pair, deviationDb }) => ({ frequencyHz: frequencyInPairHz(logMel, pair, deviationDb > 0), deviationDb }));
};
