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
  /** Least LAF; null until the filters have heard a second of the run, for F weighting starts from nothing. */
  readonly lafMinDb: LevelDb;
  /** Largest A-weighted level with time weighting S (1 s). */
  readonly lasMaxDb: LevelDb;
  /** Largest A-weighted level with time weighting I (35 ms up, 1.5 s down: IEC 60651). */
  readonly laiMaxDb: LevelDb;
  /** Largest C-weighted magnitude, at samples and between them (four points per sample and a parabola). */
  readonly lcPeakDb: LevelDb;
  /** LAF at the end of each 125 ms; a cut second has only those whose end was heard. */
  readonly laf125msDb: readonly LevelDb[];
  /** LAeq of each 125 ms; the last of a cut second may be over less. */
  readonly laeq125msDb: readonly LevelDb[];
  /** Index i: `thirdOctaveBand(i)`, from 25 Hz; null outside the valid range of the sample rate. */
  readonly thirdOctaveDb: readonly LevelDb[];
  /** Share of samples at full scale, 0..1. */
  readonly clippedShare: number;
  /** Level of the mean of the samples, which no other level contains. */
  readonly dcDb: LevelDb;
  /** What makes the second doubtful, in this order; usually nothing. */
  readonly flags: readonly LevelFlag[];
}

/**
 * overload: samples at full scale. under_range: LAeq within 10 dB of the quantisation noise of the samples' grid. dc_offset: DC above
 * -40 dB re full scale or within 10 dB of LZeq. dead_microphone: digital silence, or LZeq below -110 dB re full scale.
 * stuck_samples: one value, not zero, repeated for 50 ms.
 */
export type LevelFlag = 'overload' | 'under_range' | 'dc_offset' | 'dead_microphone' | 'stuck_samples';

export interface LevelSummary {
  readonly laeqDb: LevelDb;
  readonly lceqDb: LevelDb;
  readonly lzeqDb: LevelDb;
  readonly lafMaxDb: LevelDb;
  /** Level exceeded 10, 50, 90 % of the time: percentiles (linear interpolation) of LAF every 125 ms. */
  readonly la10Db: LevelDb;
  readonly la50Db: LevelDb;
  readonly la90Db: LevelDb;
  readonly la1Db: LevelDb;
  readonly la5Db: LevelDb;
  readonly la95Db: LevelDb;
  readonly la99Db: LevelDb;
  /** Sound exposure level over what was heard. */
  readonly laeDb: LevelDb;
  readonly lafMinDb: LevelDb;
  readonly lasMaxDb: LevelDb;
  readonly laiMaxDb: LevelDb;
  readonly lcPeakDb: LevelDb;
}
