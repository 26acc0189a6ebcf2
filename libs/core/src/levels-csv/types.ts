/** One row of a levels file: what a sensor measured over 125 ms. Levels in dB SPL; null: not given. */
export interface LevelsCsvRow {
  /** 1 is the first line of the file. */
  readonly line: number;
  /** Event time of the beginning of the 125 ms, milliseconds since the Unix epoch. */
  readonly timeMs: number;
  readonly laeqDb: number;
  /** Unweighted Leq. */
  readonly leqDb: number | null;
  /** Index i: nominal band 25 Hz x 10^(i/10), up to 12.5 kHz; 28 of them. */
  readonly thirdOctaveDb: readonly (number | null)[];
}

/** A row that can't be used. It does not touch the others. */
export interface BadLevelsRow {
  /** 1 is the first line of the file. */
  readonly line: number;
  /** What was seen and what is allowed. */
  readonly message: string;
  /** The line as it stood in the file. */
  readonly text: string;
}

export interface LevelsCsv {
  /** In order of time. */
  readonly rows: readonly LevelsCsvRow[];
  /** In order of line. */
  readonly bad: readonly BadLevelsRow[];
  /** The first line, as it stood in the file. */
  readonly header: string;
}

/** What a levels file tells of one second. Levels in dB SPL; null: not given in any row of the second. */
export interface CsvSecond {
  /** Whole seconds since the Unix epoch: the second is [unixSecond, unixSecond + 1). */
  readonly unixSecond: number;
  /** Event time of its first row, milliseconds since the Unix epoch. */
  readonly timeMs: number;
  /** 125 for each row, 1,000 at most. */
  readonly durationMs: number;
  readonly laeqDb: number;
  /** Energy mean of Leq. */
  readonly lzeqDb: number | null;
  /** LAeq of each row, in order of time. */
  readonly laeq125msDb: readonly number[];
  /** Index i: nominal band 25 Hz x 10^(i/10); 28 of them. */
  readonly thirdOctaveDb: readonly (number | null)[];
}
