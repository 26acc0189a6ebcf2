/**
 * Anomaly detection, read from top to bottom:
 *
 *   features.v1 ──► decode ──► detect anomalies (core: baseline per sensor, score, threshold, state) ──► anomalies.v1
 */
import { Anomaly, AnomalyState, LogMelFrame, topicName } from '@earshot/contracts';
import {
  createDetectAnomalies,
  type AnomalyConfig,
  type AnomalyDetectionState,
  type AnomalyVerdict,
  type HeardSecond,
} from '@earshot/core/anomaly';
import { FRONT_END } from '@earshot/core/dsp';
import type { IncomingRecord, OutgoingRecord } from '@earshot/platform/kafka';
import type { Decoded, StageDefinition } from '@earshot/platform/stage-runner';

/** Raised when the layout of AnomalyDetectionState changes; then a migration is due. */
const STATE_VERSION = 1;

export const createAnomalyDetection = (
  config: AnomalyConfig,
  namespace: string,
): StageDefinition<AnomalyDetectionState, HeardSecond, AnomalyVerdict> => ({
  name: 'anomaly-detection',
  stage: createDetectAnomalies(config),
  stateVersion: STATE_VERSION,
  inputs: [{ topic: topicName('features', namespace), decode: decodeFeatures }],
  stateTopic: topicName('stateAnomalyDetection', namespace),
  route: (verdict) => anomalyRecord(verdict, namespace),
});

export const decodeFeatures = ({ value }: IncomingRecord): Decoded<HeardSecond> => {
  const frame = LogMelFrame.decode(value ?? new Uint8Array());
  const { tenantId, sensorId, bootId, timeUs, frameCount, discontinuity, receivedTimeUs } = frame;
  if (tenantId === '' || sensorId === '' || timeUs <= 0) {
    return { kind: 'dlq', reason: 'invalid', cause: 'tenant_id, sensor_id or time_us is missing' };
  }
  if (!discontinuity && (frame.frontEndId !== FRONT_END.id || frame.melBands !== FRONT_END.melBands)) {
    const cause = `front end ${frame.frontEndId} with ${frame.melBands} bands; this detector reads ${FRONT_END.id}`;
    return { kind: 'dlq', reason: 'unsupported', cause };
  }
  if (frame.logMel.length !== (discontinuity ? 0 : frameCount * FRONT_END.melBands)) {
    return {
      kind: 'dlq',
      reason: 'invalid',
      cause: `${frame.logMel.length} bytes of log-mel for ${frameCount} frames`,
    };
  }
  const second = { tenantId, sensorId, bootId, timeUs, frameCount, discontinuity, receivedTimeUs };
  return { kind: 'input', input: { ...second, logMel: frame.logMel } };
};

const states: Readonly<Record<AnomalyVerdict['state'], AnomalyState>> = {
  learning: AnomalyState.ANOMALY_STATE_LEARNING,
  normal: AnomalyState.ANOMALY_STATE_NORMAL,
  anomalous: AnomalyState.ANOMALY_STATE_ANOMALOUS,
};

const anomalyRecord = ({ state, explanation, ...verdict }: AnomalyVerdict, namespace: string): OutgoingRecord => ({
  topic: topicName('anomalies', namespace),
  key: `${verdict.tenantId}/${verdict.sensorId}`,
  value: Anomaly.encode({
    ...verdict,
    state: states[state],
    explanation: [...explanation],
  }).finish(),
});
