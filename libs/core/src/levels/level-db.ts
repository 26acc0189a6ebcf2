import type { LevelDb, SecondLevels } from './types.js';

/** Mean squares below this (-200 dB re full scale) are what filters ring with, not energy. */
const NO_ENERGY = 1e-20;

/** Level of a mean square, dB; null without energy. */
export const energyDb = (meanSquare: number): LevelDb => (meanSquare > NO_ENERGY ? 10 * Math.log10(meanSquare) : null);

export const shiftDb = (level: LevelDb, byDb: number): LevelDb => (level === null ? null : level + byDb);

/** All levels moved by `byDb`: from re full-scale RMS to dB SPL, by the dB SPL of full-scale RMS. */
export const shiftLevels = (levels: SecondLevels, byDb: number): SecondLevels => {
  if (byDb === 0) return levels;
  const shift = (level: LevelDb): LevelDb => shiftDb(level, byDb);
  return {
    laeqDb: shift(levels.laeqDb),
    lceqDb: shift(levels.lceqDb),
    lzeqDb: shift(levels.lzeqDb),
    lafMaxDb: shift(levels.lafMaxDb),
    lafMinDb: shift(levels.lafMinDb),
    lasMaxDb: shift(levels.lasMaxDb),
    laiMaxDb: shift(levels.laiMaxDb),
    lcPeakDb: shift(levels.lcPeakDb),
    laf125msDb: levels.laf125msDb.map(shift),
    laeq125msDb: levels.laeq125msDb.map(shift),
    thirdOctaveDb: levels.thirdOctaveDb.map(shift),
    clippedShare: levels.clippedShare,
    dcDb: shift(levels.dcDb),
    flags: levels.flags,
  };
};
