export * from './types.js';
export { decodePcm, firstNonFinite, pcmBytesPerSample, type PcmChannel, type PcmFormat } from './pcm.js';
export { weightingDb, type WeightingCurve } from './weighting-curve.js';
export { bandsOfRate, thirdOctaveBand, type ThirdOctaveBand } from './third-octave.js';
export { energyDb, shiftDb, shiftLevels } from './level-db.js';
export { energyMeanDb, exceededDb, maxDb, percentile, summariseLevels } from './statistics.js';
export { createLevelMeter, type LevelMeter, type MeterState } from './level-meter.js';
