import type { MachineSpectrum } from '../machine/index.js';
import type { MachineFinding } from './machine-baseline.js';

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
  /** Of sensors that listen to a machine. */
  readonly machine?: MachineSpectrum;
  /** Event time from which on the baseline is to be learned anew, as the sensor's record says it at this time; 0 or absent: never asked. */
  readonly learnFromUs?: number;
  /** Seconds to learn for then; 0 or absent: `warmUpS`. */
  readonly learnForS?: number;
}

export type DetectorState = 'learning' | 'normal' | 'anomalous';

/** How bad it is, in the spirit of the zones of ISO 20816: see `conditionOf`. */
export type Condition = 'acceptable' | 'monitor' | 'alarm' | 'danger';

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
  /** At the end of the interval; acceptable while learning. */
  readonly condition: Condition;
  /** The second with the highest score; 0 while learning. */
  readonly worstTimeUs: number;
  /** Share of the time in which the sensor is new, 0..1; below 1 what comes again and again is still taken in as normal. */
  readonly maturity: number;
  /** Faults that a machine's spectra show, of the second with the highest score. */
  readonly findings: readonly MachineFinding[];
  /** Of that second; 0: not a machine, or no shaft was recognised. */
  readonly shaftHz: number;
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
  /** So long a sensor is new (event time since its first second): unusual sounds that recur are taken in at its end. */
  readonly matureS: number;
  /** Seconds in a row at twice the threshold until dangerous. */
  readonly dangerAfterS: number;
}

export const defaultAnomalyConfig: AnomalyConfig = {
  warmUpS: 120,
  intervalS: 5,
  raiseAfterS: 3,
  clearAfterS: 10,
  adaptS: 1800,
  matureS: 86_400,
  dangerAfterS: 10,
};
