import { cellText, readColumns, type Columns } from './columns.js';
import type { BadLevelsRow, LevelsCsv, LevelsCsvRow } from './types.js';

/** Length of a row, ms. */
export const ROW_MS = 125;
/** Rows closer than this are two tellings of one time. */
const MIN_STEP_MS = 63;
/** Levels outside can't be dB SPL of anything that a sensor stands in. */
export const MIN_LEVEL_DB = -30;
export const MAX_LEVEL_DB = 200;
const YEAR_2000_MS = Date.UTC(2000, 0, 1);

export interface LevelsCsvLimits {
  /** Rows later than this are bad, milliseconds since the Unix epoch. */
  readonly latestMs: number;
}

/** The file as a whole can't be read; `message` says what is allowed. */
export class LevelsCsvError extends Error {
  override readonly name = 'LevelsCsvError';
}

class BadCell extends Error {}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i;

const levelOf = (text: string, column: string): number | null => {
  if (text === '') return null;
  const value = NUMBER.test(text) ? Number(text) : NaN;
  if (!(value >= MIN_LEVEL_DB && value <= MAX_LEVEL_DB))
    throw new BadCell(
      `${column} is ${JSON.stringify(text.slice(0, 40))}; ${MIN_LEVEL_DB} to ${MAX_LEVEL_DB} dB are allowed`,
    );
  return value;
};

const timeOf = (text: string, { latestMs }: LevelsCsvLimits): number => {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(value >= YEAR_2000_MS && value <= latestMs))
    throw new BadCell(
      `epoch is ${JSON.stringify(text.slice(0, 40))}; whole milliseconds since the Unix epoch, ` +
        `${YEAR_2000_MS} to ${latestMs} (24 h after reception), are allowed`,
    );
  return value;
};

const readRow = (
  line: number,
  text: string,
  columns: Columns,
  names: readonly string[],
  limits: LevelsCsvLimits,
): LevelsCsvRow & { readonly sensor: string | undefined } => {
  const cells = text.split(',').map(cellText);
  if (cells.length !== columns.count)
    throw new BadCell(`${cells.length} cells; ${columns.count} are needed, as many as line 1 names`);
  const cell = (index: number | undefined): string => (index === undefined ? '' : (cells[index] ?? ''));
  const level = (index: number | undefined): number | null =>
    levelOf(cell(index), index === undefined ? '' : (names[index] ?? ''));
  const laeqDb = level(columns.laeq);
  if (laeqDb === null) throw new BadCell(`laeq is empty; ${MIN_LEVEL_DB} to ${MAX_LEVEL_DB} dB are allowed`);
  return {
    line,
    timeMs: timeOf(cell(columns.epoch), limits),
    laeqDb,
    leqDb: level(columns.leq),
    thirdOctaveDb: columns.bands.map(level),
    sensor: columns.sensor === undefined ? undefined : cell(columns.sensor),
  };
};

/** Of rows that tell of the same time the one on the earliest line stays. */
const withoutRepeats = (rows: readonly LevelsCsvRow[], refuse: (row: LevelsCsvRow, message: string) => void) => {
  const ordered = rows.toSorted((a, b) => a.timeMs - b.timeMs || a.line - b.line);
  const kept: LevelsCsvRow[] = [];
  for (const row of ordered) {
    const before = kept.at(-1);
    if (before === undefined || row.timeMs - before.timeMs >= MIN_STEP_MS) kept.push(row);
    else
      refuse(
        row,
        `epoch is ${row.timeMs - before.timeMs} ms after that of line ${before.line}; rows are ${ROW_MS} ms each, ` +
          `${MIN_STEP_MS} ms apart or more are allowed`,
      );
  }
  return kept;
};

/**
 * Reads a levels file: comma-separated, the first line names the columns. `epoch` (ms since the Unix epoch) and `laeq` are
 * needed; `leq` and third-octave bands, named by their mid-frequency in Hz, may be there or have empty cells; other
 * columns are passed over. Rows may be in any order; if there is a column `sensor` all are of the first row's. A row that
 * can't be used is told of in `bad`, and the others are as if it had not been there. Throws `LevelsCsvError` when
 * there is no usable first line.
 */
export const parseLevelsCsv = (text: string, limits: LevelsCsvLimits): LevelsCsv => {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const header = lines[0] ?? '';
  const columns = readColumns(header);
  if (typeof columns === 'string') throw new LevelsCsvError(columns);
  const names = header.split(',').map(cellText);
  const bad: BadLevelsRow[] = [];
  const rows: LevelsCsvRow[] = [];
  let sensor: string | undefined;
  const refuse = (line: number, message: string): void => void bad.push({ line, message, text: lines[line - 1] ?? '' });
  for (const [index, content] of lines.entries()) {
    if (index === 0 || content.trim() === '') continue;
    const line = index + 1;
    try {
      const { sensor: of, ...row } = readRow(line, content, columns, names, limits);
      sensor ??= of;
      if (of !== sensor)
        throw new BadCell(`sensor is ${JSON.stringify(of)}; one file is of one sensor, here ${JSON.stringify(sensor)}`);
      rows.push(row);
    } catch (error) {
      if (!(error instanceof BadCell)) throw error;
      refuse(line, error.message);
    }
  }
  const kept = withoutRepeats(rows, (row, message) => refuse(row.line, message));
  return { rows: kept, bad: bad.toSorted((a, b) => a.line - b.line), header };
};
