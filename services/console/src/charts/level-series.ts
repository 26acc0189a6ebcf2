/** Rows of the api as the columns of the level chart. Pure. */
import type { LevelFlag, SecondLevel, WindowLevel } from '../api/types.js';
import { energyMeanDb } from '../lib/energy.js';
import { toGrid } from '../lib/grid.js';

export interface LevelRow {
  readonly timeMs: number;
  readonly laeqDb: number | null;
  readonly lafmaxDb: number | null;
  readonly la90Db: number | null;
  /** Share of the slot really covered, 0..1. */
  readonly completeness: number;
  readonly calibrationId: string | null;
  /** What makes the second doubtful; windows have none. */
  readonly flags: readonly LevelFlag[];
}

export interface LevelSeries {
  /** Slot starts, seconds since the epoch. */
  readonly timesS: number[];
  readonly laeqDb: (number | null)[];
  readonly lafmaxDb: (number | null)[];
  readonly la90Db: (number | null)[];
  /** 0 where no row is. */
  readonly completeness: number[];
  readonly flags: (readonly LevelFlag[])[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

export interface LevelSummary {
  readonly laeqDb: number | null;
  readonly lafmaxDb: number | null;
  readonly lafmaxAtMs: number | null;
  /** Share of the range really covered, 0..1. */
  readonly completeness: number;
  /** dB SPL only when every row was made with a calibration. */
  readonly calibrationId: string | null;
}

export const rowOfSecond = (
  level: Pick<SecondLevel, 'time' | 'laeqDb' | 'lafmaxDb' | 'calibrationId' | 'flags'>,
): LevelRow => ({
  timeMs: Date.parse(level.time),
  laeqDb: level.laeqDb,
  lafmaxDb: level.lafmaxDb,
  la90Db: null,
  completeness: 1,
  calibrationId: level.calibrationId,
  flags: level.flags ?? [],
});

export const rowOfWindow = (level: WindowLevel): LevelRow => ({
  timeMs: Date.parse(level.time),
  laeqDb: level.laeqDb,
  lafmaxDb: level.lafmaxDb,
  la90Db: level.la90Db,
  completeness: level.completeness,
  calibrationId: level.calibrationId,
  flags: [],
});

/**
 * The range ends with the newest row as long as that is recent: what has not arrived yet is not a gap. `patienceMs` says
 * how long after its end a row may take.
 */
export function toLevelSeries(
  rows: readonly LevelRow[],
  range: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number; readonly patienceMs: number },
): LevelSeries {
  const { stepMs } = range;
  const newestEndMs = (rows.at(-1)?.timeMs ?? 0) + stepMs;
  const late = range.toMs - newestEndMs;
  const toMs = late > 0 && late <= range.patienceMs ? newestEndMs : range.toMs;
  const fromMs = toMs - (range.toMs - range.fromMs);
  const grid = toGrid(rows, fromMs, toMs, stepMs);
  return {
    timesS: [...grid.timesS],
    laeqDb: grid.rows.map((row) => row?.laeqDb ?? null),
    lafmaxDb: grid.rows.map((row) => row?.lafmaxDb ?? null),
    la90Db: grid.rows.map((row) => row?.la90Db ?? null),
    completeness: grid.rows.map((row) => row?.completeness ?? 0),
    flags: grid.rows.map((row) => row?.flags ?? []),
    fromMs,
    toMs,
    stepMs,
  };
}

export function summarise(rows: readonly LevelRow[], series: LevelSeries): LevelSummary {
  const inRange = rows.filter(({ timeMs }) => timeMs >= series.fromMs && timeMs < series.toMs);
  const loudest = inRange.reduce<LevelRow | null>(
    (best, row) => ((row.lafmaxDb ?? -Infinity) > (best?.lafmaxDb ?? -Infinity) ? row : best),
    null,
  );
  const covered = series.completeness.reduce((sum, share) => sum + share, 0);
  return {
    laeqDb: energyMeanDb(inRange.map((row) => ({ levelDb: row.laeqDb, weight: row.completeness }))),
    lafmaxDb: loudest?.lafmaxDb ?? null,
    lafmaxAtMs: loudest?.timeMs ?? null,
    completeness: series.completeness.length === 0 ? 0 : covered / series.completeness.length,
    calibrationId: inRange.every((row) => row.calibrationId !== null) ? (inRange[0]?.calibrationId ?? null) : null,
  };
}

/** Runs of slots without a row, as [start, end) in seconds since the epoch. */
export function gapsOf(series: LevelSeries): { readonly startS: number; readonly endS: number }[] {
  const gaps: { startS: number; endS: number }[] = [];
  series.completeness.forEach((share, index) => {
    if (share > 0) return;
    const startS = series.timesS[index] ?? 0;
    const endS = startS + series.stepMs / 1000;
    const last = gaps.at(-1);
    if (last !== undefined && Math.abs(last.endS - startS) < 1e-3) last.endS = endS;
    else gaps.push({ startS, endS });
  });
  return gaps;
}
