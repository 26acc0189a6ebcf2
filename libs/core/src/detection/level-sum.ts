/** Energy sum of levels, a plain value. */
export interface LevelSum {
  /** Sum of 10^(L/10); a level without energy counts 0. */
  readonly energy: number;
  readonly count: number;
  readonly maxDb: number | null;
}

export const noLevels: LevelSum = { energy: 0, count: 0, maxDb: null };

export const louder = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

export const addLevel = (sum: LevelSum, levelDb: number | null): LevelSum => ({
  energy: sum.energy + (levelDb === null ? 0 : 10 ** (levelDb / 10)),
  count: sum.count + 1,
  maxDb: louder(sum.maxDb, levelDb),
});

export const joinLevels = (a: LevelSum, b: LevelSum): LevelSum => ({
  energy: a.energy + b.energy,
  count: a.count + b.count,
  maxDb: louder(a.maxDb, b.maxDb),
});

/** dB; null without energy. */
export const energyMeanDb = (sum: LevelSum): number | null =>
  sum.energy === 0 ? null : 10 * Math.log10(sum.energy / sum.count);
