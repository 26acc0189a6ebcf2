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

/** Summary of consecutive seconds; `durationMs`: how much of each was heard, default whole seconds. */
export const summariseLevels = (seconds: readonly SecondLevels[], durationMs?: readonly number[]): LevelSummary => {
  const laf = seconds.flatMap(({ laf125msDb }) => laf125msDb);
  return {
    laeqDb: energyMeanDb(
      seconds.map(({ laeqDb }) => laeqDb),
      durationMs,
    ),
    lafMaxDb: maxDb(seconds.map(({ lafMaxDb }) => lafMaxDb)),
    la10Db: exceededDb(laf, 10),
    la50Db: exceededDb(laf, 50),
    la90Db: exceededDb(laf, 90),
  };
};
