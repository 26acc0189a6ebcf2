/** Mono samples, full scale = ±1. */
export type Samples = Float32Array | Float64Array;

/** dB; null where there is no energy (digital silence). */
export type LevelDb = number | null;

/** What makes a second doubtful; thresholds in `flags.ts`. */
export type LevelFlag = 'overload' | 'underRange' | 'dcOffset' | 'deadMicrophone' | 'stuckSamples';

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
  /** Smallest LAF, from 5 time constants (625 ms) after the start of a run; null when none of the second lies there. */
  readonly lafMinDb: LevelDb;
  /** Largest A-weighted level with time weighting S (1 s). */
  readonly lasMaxDb: LevelDb;
  /** Largest A-weighted level with time weighting I (35 ms, peak held with 1.5 s). */
  readonly laiMaxDb: LevelDb;
  /** Largest C-weighted value between and at the samples (interpolated). */
  readonly lcPeakDb: LevelDb;
  /** Level of the mean of the samples, which LZeq leaves out; null: none. */
  readonly dcDb: LevelDb;
  /** LAF at the end of each 125 ms; a cut second has only those whose end was heard. */
  readonly laf125msDb: readonly LevelDb[];
  /** LAeq of each 125 ms; the last of a cut second may be over less. */
  readonly laeq125msDb: readonly LevelDb[];
  /** Index i: `thirdOctaveBand(i)`, from 25 Hz; null outside the valid range of the sample rate. */
  readonly thirdOctaveDb: readonly LevelDb[];
  /** Index i: octave i of IEC 61260-1 from 31.5 Hz: the energy of its three thirds; null when one of them is not valid. */
  readonly octaveDb: readonly LevelDb[];
  /** Share of samples at full scale, 0..1. */
  readonly clippedShare: number;
  readonly flags: readonly LevelFlag[];
}

export interface LevelSummary {
  readonly laeqDb: LevelDb;
  /** Sound exposure level: LAeq carried over to 1 s. */
  readonly laeDb: LevelDb;
  readonly lafMaxDb: LevelDb;
  readonly lafMinDb: LevelDb;
  readonly lasMaxDb: LevelDb;
  readonly laiMaxDb: LevelDb;
  readonly lcPeakDb: LevelDb;
  /** Level exceeded 1, 5, 10, 50, 90, 95, 99 % of the time: percentiles (linear interpolation) of LAF every 125 ms. */
  readonly la1Db: LevelDb;
  readonly la5Db: LevelDb;
  readonly la10Db: LevelDb;
  readonly la50Db: LevelDb;
  readonly la90Db: LevelDb;
  readonly la95Db: LevelDb;
  readonly la99Db: LevelDb;
}
