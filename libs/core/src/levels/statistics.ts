import type { LevelDb, LevelSummary, SecondLevels } from './types.js';

/** Energy mean of levels; a level without energy counts with none. `weights` (durations): default equal. */
export const energyMeanDb = (levelsDb: readonly LevelDb[], weights?: readonly number[]): LevelDb => {
  let energy = 0;
  let total = 0;
  levelsDb.forEach((level, i) => {
    const weight = weights?.[i] ?? 1;
    total += weight;
    if (level !== null) energy += weight * 10 ** (level / 10);
  });
  return energy > 0 && total > 0 ? 10 * Math.log10(energy / total) : null;
};

export const maxDb = (levelsDb: readonly LevelDb[]): LevelDb =>
  levelsDb.reduce<LevelDb>((max, level) => (level !== null && (max === null || level > max) ? level : max), null);

/** Percentile `share` (0..1) of ascending values, linear interpolation between neighbours (numpy's default). */
export const percentile = (ascending: readonly number[], share: number): number | null => {
  const at = share * (ascending.length - 1);
  const low = ascending[Math.floor(at)];
  const high = ascending[Math.ceil(at)];
  return low === undefined || high === undefined ? null : low + (high - low) * (at - Math.floor(at));
};

/** Level exceeded `percent` % of the time; levels without energy are left out. */
export const exceededDb = (levelsDb: readonly LevelDb[], percent: number): LevelDb => {
  const ascending = levelsDb.filter((level) => level !== null).sort((a, b) => a - b);
  return percentile(ascending, 1 - percent / 100);
};

export const minDb = (levelsDb: readonly LevelDb[]): LevelDb =>
  levelsDb.reduce<LevelDb>((min, level) => (level !== null && (min === null || level < min) ? level : min), null);

/** Sound exposure level: the level of 1 s with the energy of `durationS` at `leqDb` (IEC 61672-1, 3.12). */
export const exposureDb = (leqDb: LevelDb, durationS: number): LevelDb =>
  leqDb === null || durationS <= 0 ? null : leqDb + 10 * Math.log10(durationS);

/**
 * How often the level rises above `thresholdDb`: runs of values above it, values in the order of time. A run ends once the
 * level is `hysteresisDb` (0 or more) below the threshold or without energy.
 */
export const countExceedances = (levelsDb: readonly LevelDb[], thresholdDb: number, hysteresisDb = 0): number => {
  let above = false;
  let count = 0;
  for (const level of levelsDb) {
    if (!above && level !== null && level > thresholdDb) {
      above = true;
      count++;
    } else if (above && (level === null || level <= thresholdDb - hysteresisDb)) {
      above = false;
    }
  }
  return count;
};

/** Percentages of the time of L1 … L99. */
export const EXCEEDED_PERCENTS = [1, 5, 10, 50, 90, 95, 99] as const;

/** Summary of consecutive seconds; `durationMs`: how much of each was heard, ms; default whole seconds. */
export const summariseLevels = (seconds: readonly SecondLevels[], durationMs?: readonly number[]): LevelSummary => {
  const ascending = seconds
    .flatMap(({ laf125msDb }) => laf125msDb)
    .filter((level) => level !== null)
    .sort((a, b) => a - b);
  const exceeded = (percent: (typeof EXCEEDED_PERCENTS)[number]): LevelDb => percentile(ascending, 1 - percent / 100);
  const of = (level: (second: SecondLevels) => LevelDb): LevelDb[] => seconds.map(level);
  const laeqDb = energyMeanDb(
    of((second) => second.laeqDb),
    durationMs,
  );
  const totalMs = durationMs === undefined ? 1000 * seconds.length : durationMs.reduce((sum, each) => sum + each, 0);
  return {
    laeqDb,
    laeDb: exposureDb(laeqDb, totalMs / 1000),
    lafMaxDb: maxDb(of((second) => second.lafMaxDb)),
    lafMinDb: minDb(of((second) => second.lafMinDb)),
    lasMaxDb: maxDb(of((second) => second.lasMaxDb)),
    laiMaxDb: maxDb(of((second) => second.laiMaxDb)),
    lcPeakDb: maxDb(of((second) => second.lcPeakDb)),
    la1Db: exceeded(1),
    la5Db: exceeded(5),
    la10Db: exceeded(10),
    la50Db: exceeded(50),
    la90Db: exceeded(90),
    la95Db: exceeded(95),
    la99Db: exceeded(99),
  };
};
