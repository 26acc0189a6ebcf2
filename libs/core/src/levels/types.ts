/** Mono samples, full scale = ±1. */
export type Samples = Float32Array | Float64Array;

/** dB; null where there is no energy (digital silence). */
export type LevelDb = number | null;

/**
 * Levels of up to one second, dB re full-scale RMS (a full-scale square wave = 0 dB, a full-scale sine -3.01 dB), or
 * dB SPL when shifted by a calibration (`shiftLevels`). A second whose samples are all zero has nothing but nulls.
 */
export interface SecondLevels {
  readonly laeqDb: LevelDb;
  readonly lceqDb: LevelDb;
  /** DC removed: first-order high-pass, -3 dB at 1 Hz. */
  readonly lzeqDb: LevelDb;
  /** Largest A-weighted level with time weighting F (125 ms). */
  readonly lafMaxDb: LevelDb;
  /** Largest C-weighted sample. */
  readonly lcPeakDb: LevelDb;
  /** LAF at the end of each 125 ms; a cut second has only those whose end was heard. */
  readonly laf125msDb: readonly LevelDb[];
  /** LAeq of each 125 ms; the last of a cut second may be over less. */
  readonly laeq125msDb: readonly LevelDb[];
  /** Index i: `thirdOctaveBand(i)`, from 25 Hz; null outside the valid range of the sample rate. */
  readonly thirdOctaveDb: readonly LevelDb[];
  /** Share of samples at full scale, 0..1. */
  readonly clippedShare: number;
}

export interface LevelSummary {
  readonly laeqDb: LevelDb;
  readonly lafMaxDb: LevelDb;
  /** Level exceeded 10, 50, 90 % of the time: percentiles (linear interpolation) of LAF every 125 ms. */
  readonly la10Db: LevelDb;
  readonly la50Db: LevelDb;
  readonly la90Db: LevelDb;
}
