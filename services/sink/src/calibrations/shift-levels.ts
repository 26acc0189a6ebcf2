import type { SoundLevels } from '@earshot/contracts';

import type { CalibrationSegment } from './ledger.js';

/**
 * Whether `calibration` supersedes the one that made these levels. Levels that came calibrated but without the full-scale
 * level that made them (the sensor's own) can't be shifted.
 */
const isSuperseded = (levels: SoundLevels, calibration: CalibrationSegment): boolean =>
  levels.calibrationVersion < calibration.version && (levels.calibrationId === '' || levels.fullScaleDb !== 0);

/** The same second with another calibration: every level moves by the difference of the full-scale levels; NaN stays NaN. */
export const shiftLevels = (levels: SoundLevels, calibration: CalibrationSegment): SoundLevels => {
  const shiftDb = calibration.fullScaleDb - levels.fullScaleDb;
  const shifted = (value: number): number => value + shiftDb;
  return {
    ...levels,
    laeqDb: shifted(levels.laeqDb),
    lceqDb: shifted(levels.lceqDb),
    lzeqDb: shifted(levels.lzeqDb),
    lafmaxDb: shifted(levels.lafmaxDb),
    lcpeakDb: shifted(levels.lcpeakDb),
    lafminDb: shifted(levels.lafminDb),
    lasmaxDb: shifted(levels.lasmaxDb),
    laimaxDb: shifted(levels.laimaxDb),
    dcDb: shifted(levels.dcDb),
    laf125msDb: levels.laf125msDb.map(shifted),
    laeq125msDb: levels.laeq125msDb.map(shifted),
    thirdOctaveDb: levels.thirdOctaveDb.map(shifted),
    fullScaleDb: calibration.fullScaleDb,
    calibrationId: calibration.calibrationId,
    calibrationVersion: calibration.version,
  };
};

/** The second with the calibration in force at its time; as it is when that is not newer than its own. */
export const withCalibration = (levels: SoundLevels, calibration: CalibrationSegment): SoundLevels =>
  isSuperseded(levels, calibration) ? shiftLevels(levels, calibration) : levels;

/** Levels written before these quantities were measured have 0 in all of them: not available, NaN. */
export const withoutUnmeasured = (levels: SoundLevels): SoundLevels =>
  levels.lafminDb === 0 && levels.lasmaxDb === 0 && levels.laimaxDb === 0 && levels.dcDb === 0
    ? { ...levels, lafminDb: Number.NaN, lasmaxDb: Number.NaN, laimaxDb: Number.NaN, dcDb: Number.NaN }
    : levels;
