import { energyMeanDb } from '../levels/index.js';
import { CSV_BANDS } from './columns.js';
import { ROW_MS } from './parse-levels-csv.js';
import type { CsvSecond, LevelsCsvRow } from './types.js';

const meanOf = (levels: readonly (number | null)[]): number | null =>
  energyMeanDb(levels.filter((level) => level !== null));

const secondOf = (unixSecond: number, rows: readonly [LevelsCsvRow, ...LevelsCsvRow[]]): CsvSecond => ({
  unixSecond,
  timeMs: rows[0].timeMs,
  durationMs: Math.min(1000, rows.length * ROW_MS),
  laeqDb: meanOf(rows.map((row) => row.laeqDb)) ?? rows[0].laeqDb,
  lzeqDb: meanOf(rows.map((row) => row.leqDb)),
  laeq125msDb: rows.map((row) => row.laeqDb),
  thirdOctaveDb: Array.from({ length: CSV_BANDS }, (_, band) =>
    meanOf(rows.map((row) => row.thirdOctaveDb[band] ?? null)),
  ),
});

/**
 * Puts rows (in order of time) together by the second of the Unix clock that they begin in; energy is averaged, never decibels.
 * Which second a row goes to depends on its own time alone, so however a series is cut into files, a whole second is
 * the same. A second with fewer than eight rows is shorter; a clock that wanders may put nine into one.
 */
export const toCsvSeconds = (rows: readonly LevelsCsvRow[]): readonly CsvSecond[] => {
  const seconds: CsvSecond[] = [];
  let group: [LevelsCsvRow, ...LevelsCsvRow[]] | undefined;
  const close = (): void => {
    if (group !== undefined) seconds.push(secondOf(Math.floor(group[0].timeMs / 1000), group));
  };
  for (const row of rows) {
    if (group !== undefined && Math.floor(group[0].timeMs / 1000) === Math.floor(row.timeMs / 1000)) group.push(row);
    else {
      close();
      group = [row];
    }
  }
  close();
  return seconds;
};
