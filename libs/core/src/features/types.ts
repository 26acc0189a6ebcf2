import type { LevelDb, LevelSummary, Samples, SecondLevels } from '../levels/index.js';
import type { MachineSettings, MachineSpectrum } from '../machine/index.js';

/** Sensitivity or calibrator result in force at the frame's event time. */
export interface CalibrationInForce {
  /** dB SPL of full-scale RMS. */
  readonly fullScaleDb: number;
  readonly calibrationId: string;
  readonly version: number;
}

export type AudioBody =
  /** `samples.length` = sampleCount. */
  | { readonly kind: 'samples'; readonly samples: Float32Array }
  /** The sensor lost `sampleCount` samples and says so. */
  | { readonly kind: 'gap' }
  /** Nothing was heard since `sinceUs` (event time). Boot id and sequence of the frame mean nothing. */
  | { readonly kind: 'silent'; readonly sinceUs: number };

/** One record of the audio topics. Identity: sensor, bootId, sequence. */
export interface AudioInput {
  readonly tenantId: string;
  readonly sensorId: string;
  readonly bootId: string;
  /** Grows by one with every frame of a boot. */
  readonly sequence: number;
  /** Event time of sample 0 of the boot; that of the boot's first frame counts. */
  readonly anchorTimeUs: number;
  /** Counted from the start of the boot. */
  readonly firstSampleIndex: number;
  readonly sampleRateHz: number;
  readonly sampleCount: number;
  readonly receivedTimeUs: number;
  readonly body: AudioBody;
  readonly calibration?: CalibrationInForce | null;
  /** In force at the frame's event time; null or absent: the sensor asks for no machine spectra. */
  readonly machine?: MachineSettings | null;
  /** From the backfill topic: an unknown boot that lies before the current one is then late, not new. Default live. */
  readonly lane?: 'live' | 'backfill';
}

/** Levels of the heard part of one second of a boot: second k = samples [k·rate, (k+1)·rate) from the anchor. */
export interface SoundLevels extends SecondLevels {
  readonly tenantId: string;
  readonly sensorId: string;
  readonly bootId: string;
  readonly secondIndex: number;
  /** Event time of the first sample heard in the second. */
  readonly timeUs: number;
  /** Heard part; 1,000 for a whole second. */
  readonly durationMs: number;
  readonly sampleRateHz: number;
  /** 0, '' and 0 without a calibration: levels are re full scale. */
  readonly fullScaleDb: number;
  readonly calibrationId: string;
  readonly calibrationVersion: number;
  readonly receivedTimeUs: number;
}

/** Log-mel frames that the samples of one second completed. */
export interface LogMelFeatures {
  readonly tenantId: string;
  readonly sensorId: string;
  readonly bootId: string;
  readonly secondIndex: number;
  /** Event time of the first sample of the first mel frame; of a discontinuity: where it begins. */
  readonly timeUs: number;
  readonly frontEndId: string;
  /** Since the last discontinuity; 0 resets what follows. */
  readonly firstFrameIndex: number;
  readonly frameCount: number;
  readonly melBands: number;
  /** frameCount x melBands codes, frame after frame: dB = -100 + 0.5 x code. */
  readonly logMel: Uint8Array;
  /** Levels of the same second; null for a discontinuity. */
  readonly levels: SoundLevels | null;
  /** No frames: sound ends at `timeUs` (gap, silence, end of boot); open state closes. */
  readonly discontinuity: boolean;
  readonly receivedTimeUs: number;
  /** Of the last 4 s of the run, where the sensor asks for it and so much was heard. */
  readonly machine?: MachineSpectrum;
}

export type FeatureOutput =
  | { readonly kind: 'levels'; readonly levels: SoundLevels }
  | { readonly kind: 'features'; readonly features: LogMelFeatures };

/** One second of an analysed signal; the last may be shorter. */
export interface AnalysedSecond extends SecondLevels {
  /** Start, s from the start of the signal. */
  readonly t: number;
  readonly durationS: number;
}

export interface SignalAnalysis {
  readonly levels: readonly AnalysedSecond[];
  readonly summary: LevelSummary;
  /** `logmel-16k-64-v1` of the whole signal: frameCount x 64 codes. */
  readonly logMel: { readonly frames: Uint8Array; readonly frameCount: number };
  /** How many of the frames each second completed. */
  readonly frameCounts: readonly number[];
}

export type { LevelDb, Samples };
