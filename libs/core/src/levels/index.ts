export * from './types.js';
export { decodePcm, firstNonFinite, pcmBytesPerSample, type PcmChannel, type PcmFormat } from './pcm.js';
export { weightingDb, type WeightingCurve } from './weighting-curve.js';
export { bandsOfRate, thirdOctaveBand, type ThirdOctaveBand } from './third-octave.js';
export { energyDb, shiftDb, shiftLevels } from './level-db.js';
export {
  countExceedances,
  energyMeanDb,
  EXCEEDED_PERCENTS,
  exceededDb,
  exposureDb,
  maxDb,
  minDb,
  percentile,
  summariseLevels,
} from './statistics.js';
export { DEN_HOURS, denLevel, type DenLevels, periodLevel } from './day-levels.js';
export { createLevelMeter, type LevelMeter, type MeterState } from './level-meter.js';
