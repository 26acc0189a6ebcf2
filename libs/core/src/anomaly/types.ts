/** The log-mel frames that one more second of sound completes: the canonical front end, 64 bands. */
export interface HeardSecond {
  readonly tenantId: string;
  readonly sensorId: string;
  readonly bootId: string;
  /** Event time of the first frame's first sample, microseconds since the Unix epoch; of a discontinuity: its begin. */
  readonly timeUs: number;
  readonly frameCount: number;
  /** frameCount x 64 codes, frame after frame: dB = -100 + 0.5 x code. */
  readonly logMel: Uint8Array;
  readonly discontinuity: boolean;
  /** 0: not known. */
  readonly receivedTimeUs: number;
}

export type DetectorState = 'learning' | 'normal' | 'anomalous';

export interface BandDeviation {
  /** Centre of the mel band. */
  readonly frequencyHz: number;
  /** Above (+) or below (-) the nearest operating state's mean, dB. */
  readonly deviationDb: number;
}

/** The verdict over one scoring interval. */
export interface AnomalyVerdict {
  /** `<tenant>/<sensor>/<detector>/<time>`. */
  readonly id: string;
  readonly tenantId: string;
  readonly sensorId: string;
  readonly bootId: string;
  readonly timeUs: number;
  readonly durationMs: number;
  /** Highest score of a second in the interval; 0 while learning. */
  readonly score: number;
  /** 0 while learning. */
  readonly threshold: number;
  /** At the end of the interval. */
  readonly state: DetectorState;
  /** Share of the warm-up done, 0..1. */
  readonly warmUp: number;
  /** Of the second with the highest score, when anomalous: at most five bands, the most unusual first. */
  readonly explanation: readonly BandDeviation[];
  readonly detectorId: string;
  /** Onset of the episode this interval belongs to; 0 outside of one. */
  readonly episodeOnsetUs: number;
  readonly receivedTimeUs: number;
}

export interface AnomalyConfig {
  /** Usable seconds that the baseline is learned from. */
  readonly warmUpS: number;
  /** One verdict per this many seconds, and one at once when the state changes. */
  readonly intervalS: number;
  /** Seconds in a row above the threshold until anomalous. */
  readonly raiseAfterS: number;
  /** Seconds in a row below until normal. */
  readonly clearAfterS: number;
  /** Time constant with which the baseline follows slow drift, seconds. */
  readonly adaptS: number;
}

export const defaultAnomalyConfig: AnomalyConfig = {
  warmUpS: 120,
  intervalS: 5,
  raiseAfterS: 3,
  clearAfterS: 10,
  adaptS: 1800,
};
