import type { LevelDb, LevelFlag } from './types.js';

/** Finest grid that all samples of a second lie on; 2: finer than 24 bits. */
const GRID_16 = 0;
const GRID_24 = 1;

/** Noise of rounding to `bits`, dB re full-scale RMS: a uniform error of one step, step² / 12. */
export const quantisationNoiseDb = (bits: number): number => 20 * Math.log10(2 ** (1 - bits)) - 10 * Math.log10(12);

/** 10 dB above the noise it adds 0.4 dB: what lies lower is not read as it is. */
const UNDER_RANGE_MARGIN_DB = 10;

/** Least LAeq, dB re full-scale RMS, that samples of so many bits tell within 0.4 dB. */
export const underRangeLimitDb = (bits: number): number => quantisationNoiseDb(bits) + UNDER_RANGE_MARGIN_DB;

const MAX_DC_DB = -40;
const DC_BELOW_SOUND_DB = 10;
const DEAD_DB = -110;
const STUCK_S = 0.05;

export interface FlagInputs {
  /** Levels re full-scale RMS. */
  readonly laeqDb: LevelDb;
  readonly lzeqDb: LevelDb;
  readonly dcDb: LevelDb;
  /** Samples at full scale. */
  readonly clipped: number;
  readonly grid: number;
  /** Longest repetition of one value that is not zero. */
  readonly longestRunS: number;
}

export const flagsOf = ({ laeqDb, lzeqDb, dcDb, clipped, grid, longestRunS }: FlagInputs): readonly LevelFlag[] => {
  const flags: LevelFlag[] = [];
  const dead = lzeqDb === null || lzeqDb < DEAD_DB;
  if (clipped > 0) flags.push('overload');
  const limitDb = grid === GRID_16 ? underRangeLimitDb(16) : grid === GRID_24 ? underRangeLimitDb(24) : -Infinity;
  if (!dead && (laeqDb ?? -Infinity) < limitDb) flags.push('under_range');
  if (dcDb !== null && (dcDb > MAX_DC_DB || dcDb > (lzeqDb ?? Infinity) - DC_BELOW_SOUND_DB)) flags.push('dc_offset');
  if (dead) flags.push('dead_microphone');
  if (longestRunS >= STUCK_S) flags.push('stuck_samples');
  return flags;
};
