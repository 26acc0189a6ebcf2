export * from './types.js';
export { LevelsCsvError, parseLevelsCsv, type LevelsCsvLimits } from './parse-levels-csv.js';
export { toCsvSeconds } from './to-seconds.js';
