export { createDetectAnomalies, DETECTOR_ID, initialState, type AnomalyDetectionState } from './detect-anomalies.js';
export { detectInSignal } from './detect-in-signal.js';
export type { Fault, MachineFinding } from './machine-baseline.js';
export {
  defaultAnomalyConfig,
  type AnomalyConfig,
  type AnomalyVerdict,
  type BandDeviation,
  type Condition,
  type DetectorState,
  type HeardSecond,
} from './types.js';
