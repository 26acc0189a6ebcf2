import { energyDb } from './level-db.js';
import type { LevelDb, LevelSummary, Samples, SecondLevels } from './types.js';

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

export const minDb = (levelsDb: readonly LevelDb[]): LevelDb =>
  levelsDb.reduce<LevelDb>((min, level) => (level !== null && (min === null || level < min) ? level : min), null);

/**
 * Unweighted level of a whole signal, dB re full-scale RMS: of all of it, and with its mean (DC) taken off. Neither is filtered: what lies below
 * 1 Hz, which Z leaves out, counts.
 */
export const unweightedDb = (samples: Samples): { readonly leqDb: LevelDb; readonly leqWithoutDcDb: LevelDb } => {
  let [sum, energy] = [0, 0];
  for (const x of samples) {
    sum += x;
    energy += x * x;
  }
  const mean = sum / samples.length;
  let rest = 0;
  for (const x of samples) rest += (x - mean) * (x - mean);
  const level = (total: number): LevelDb => (samples.length === 0 ? null : energyDb(total / samples.length));
  return { leqDb: level(energy), leqWithoutDcDb: level(rest) };
};

/** Sound exposure level (SEL, LAE): the energy of `durationS` seconds at `laeqDb`, as if it had come in one second. */
export const exposureDb = (laeqDb: LevelDb, durationS: number): LevelDb =>
  laeqDb === null || durationS <= 0 ? null : laeqDb + 10 * Math.log10(durationS);

/** How often a series rises above `limitDb`; a level without energy lies below every limit. */
export const exceedances = (levelsDb: readonly LevelDb[], limitDb: number): number =>
  levelsDb.filter((level, i) => {
    const before = levelsDb[i - 1] ?? null;
    return level !== null && level > limitDb && !(before !== null && before > limitDb);
  }).length;

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

/** Summary of consecutive seconds; `durationMs`: how much of each was heard, default whole seconds. */
export const summariseLevels = (seconds: readonly SecondLevels[], durationMs?: readonly number[]): LevelSummary => {
  const laf = seconds.flatMap(({ laf125msDb }) => laf125msDb);
  const meanOf = (of: (second: SecondLevels) => LevelDb): LevelDb => energyMeanDb(seconds.map(of), durationMs);
  const laeqDb = meanOf((second) => second.laeqDb);
  const heardMs = durationMs === undefined ? 1000 * seconds.length : durationMs.reduce((sum, ms) => sum + ms, 0);
  return {
    laeqDb,
    lceqDb: meanOf(({ lceqDb }) => lceqDb),
    lzeqDb: meanOf(({ lzeqDb }) => lzeqDb),
    lafMaxDb: maxDb(seconds.map(({ lafMaxDb }) => lafMaxDb)),
    la10Db: exceededDb(laf, 10),
    la50Db: exceededDb(laf, 50),
    la90Db: exceededDb(laf, 90),
    la1Db: exceededDb(laf, 1),
    la5Db: exceededDb(laf, 5),
    la95Db: exceededDb(laf, 95),
    la99Db: exceededDb(laf, 99),
    laeDb: exposureDb(laeqDb, heardMs / 1000),
    lafMinDb: minDb(seconds.map(({ lafMinDb }) => lafMinDb)),
    lasMaxDb: maxDb(seconds.map(({ lasMaxDb }) => lasMaxDb)),
    laiMaxDb: maxDb(seconds.map(({ laiMaxDb }) => laiMaxDb)),
    lcPeakDb: maxDb(seconds.map(({ lcPeakDb }) => lcPeakDb)),
  };
};
