export * from './types.js';
export { quantisationNoiseDb, underRangeLimitDb } from './flags.js';
export { decodePcm, firstNonFinite, pcmBytesPerSample, type PcmChannel, type PcmFormat } from './pcm.js';
export { weightingDb, type WeightingCurve } from './weighting-curve.js';
export { bandResponse, planBank } from './octave-bank.js';
export { octaveBands, type OctaveLevel } from './octaves.js';
export { bandsOfRate, thirdOctaveBand, type ThirdOctaveBand } from './third-octave.js';
export { energyDb, shiftDb, shiftLevels } from './level-db.js';
export { EU_PERIODS, denLevel, type DayPeriods, type PeriodLevels } from './day-levels.js';
export {
  createDetectCalibrator,
  defaultCalibratorConfig,
  fullScaleOf,
  type CalibratorConfig,
  type CalibratorSecond,
  type CalibratorState,
  type CalibratorTone,
} from './calibrator.js';
export {
  energyMeanDb,
  exceedances,
  exceededDb,
  exposureDb,
  maxDb,
  minDb,
  percentile,
  summariseLevels,
  unweightedDb,
} from './statistics.js';
export { createLevelMeter, type LevelMeter, type MeterState } from './level-meter.js';
