import { Anomaly, AnomalyState, Condition, sensorKey, topicName } from '@earshot/contracts';
import type { AnomalyVerdict } from '@earshot/core/anomaly';
import type { OutgoingRecord } from '@earshot/platform/kafka';

const states: Readonly<Record<AnomalyVerdict['state'], AnomalyState>> = {
  learning: AnomalyState.ANOMALY_STATE_LEARNING,
  normal: AnomalyState.ANOMALY_STATE_NORMAL,
  anomalous: AnomalyState.ANOMALY_STATE_ANOMALOUS,
};

const conditions: Readonly<Record<AnomalyVerdict['condition'], Condition>> = {
  acceptable: Condition.CONDITION_ACCEPTABLE,
  monitor: Condition.CONDITION_MONITOR,
  alarm: Condition.CONDITION_ALARM,
  danger: Condition.CONDITION_DANGER,
};

export const anomalyRecord = (
  { state, condition, explanation, findings, ...verdict }: AnomalyVerdict,
  namespace: string,
): OutgoingRecord => ({
  topic: topicName('anomalies', namespace),
  key: sensorKey(verdict.tenantId, verdict.sensorId),
  value: Anomaly.encode({
    ...verdict,
    state: states[state],
    condition: conditions[condition],
    explanation: [...explanation],
    findings: [...findings],
  }).finish(),
});
