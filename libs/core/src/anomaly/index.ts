export { createDetectAnomalies, DETECTOR_ID, type AnomalyDetectionState } from './detect-anomalies.js';
export {
  defaultAnomalyConfig,
  type AnomalyConfig,
  type AnomalyVerdict,
  type BandDeviation,
  type DetectorState,
  type HeardSecond,
} from './types.js';
