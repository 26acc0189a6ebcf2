/**
 * Anomaly detection, read from top to bottom:
 *
 *   features.v1 ──► decode ──► detect anomalies (core: what is normal per sensor, score, threshold, state, condition) ──► anomalies.v1
 *   sensors.v1 (side input) ──► since when a sensor is to be learned anew
 */
import { topicName } from '@earshot/contracts';
import {
  createDetectAnomalies,
  initialState,
  type AnomalyConfig,
  type AnomalyDetectionState,
  type AnomalyVerdict,
  type HeardSecond,
} from '@earshot/core/anomaly';
import type { StageDefinition } from '@earshot/platform/stage-runner';
import { createDecodeFeatures } from './decode-features.js';
import { anomalyRecord } from './encode-verdict.js';
import type { Wishes } from './wishes.js';

/** Raised when the layout of AnomalyDetectionState changes; then a migration is due. */
const STATE_VERSION = 2;
/** States of layout 2 hold what the detector of layout 1 reads: after a rollback it learns anew. */
const COMPATIBLE_VERSION = 1;

export interface PipelineDependencies {
  readonly wishOf: Wishes['of'];
  /** All sensors' records are there. */
  readonly sensorsReady: Promise<void>;
}

export const createAnomalyDetection = (
  config: AnomalyConfig,
  namespace: string,
  { wishOf, sensorsReady }: PipelineDependencies,
): StageDefinition<AnomalyDetectionState, HeardSecond, AnomalyVerdict> => ({
  name: 'anomaly-detection',
  stage: createDetectAnomalies(config),
  stateVersion: STATE_VERSION,
  stateCompatibleVersion: COMPATIBLE_VERSION,
  migrate: createMigrate(config),
  inputs: [{ topic: topicName('features', namespace), decode: createDecodeFeatures(wishOf) }],
  stateTopic: topicName('stateAnomalyDetection', namespace),
  route: (verdict) => anomalyRecord(verdict, namespace),
  ready: () => sensorsReady,
});

/** From layout 1, the detector `logmel-states-v1`: whose sensor it is and up to when it was heard; what is normal is learned anew. */
export const createMigrate =
  (config: AnomalyConfig) =>
  (_version: number, state: unknown): AnomalyDetectionState => {
    const { tenantId, sensorId, endUs } = state as Pick<AnomalyDetectionState, 'tenantId' | 'sensorId' | 'endUs'>;
    return { ...initialState(config), tenantId, sensorId, endUs };
  };
