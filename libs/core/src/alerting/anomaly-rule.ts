import { raise, resolve } from './alert-life.js';
import { anomalyRaised, anomalyResolved } from './messages.js';
import type { Alert, AlertRule, AnomalyCondition, AnomalyInterval } from './types.js';

/** Memory of one anomaly rule for one sensor; null: not anomalous and nothing is open. */
export interface AnomalyMemory {
  readonly startUs: number;
  readonly endUs: number;
  readonly open: Alert | null;
}

export interface AnomalyStep {
  readonly memory: AnomalyMemory | null;
  readonly alerts: readonly Alert[];
}

/** Without a word for longer than this, what comes next is another episode, unless an alert is open. */
const BREAK_US = 30e6;
const ROUNDING_US = 1e3;

/** One scoring interval of a sensor, for one rule version in force. Intervals are in order of time. */
export const stepAnomalyRule = (
  rule: AlertRule,
  condition: AnomalyCondition,
  before: AnomalyMemory | null,
  interval: AnomalyInterval,
): AnomalyStep => {
  const endUs = interval.timeUs + interval.durationMs * 1000;
  if (interval.state !== 'anomalous' || (condition.minCondition === 'danger' && !interval.dangerous)) {
    if (before?.open == null) return { memory: null, alerts: [] };
    const message = anomalyResolved(interval.sensorId, (endUs - before.startUs) / 1e6);
    return { memory: null, alerts: [resolve(before.open, endUs, interval.receivedTimeUs, message)] };
  }
  if (before?.open != null) return { memory: { ...before, endUs }, alerts: [] };
  const follows = before !== null && interval.timeUs - before.endUs <= BREAK_US;
  // An episode may be long when it becomes dangerous: then it counts from there.
  const fromOnset = interval.episodeOnsetUs > 0 && condition.minCondition !== 'danger';
  const onsetUs = fromOnset ? interval.episodeOnsetUs : interval.timeUs;
  const startUs = follows ? before.startUs : Math.max(onsetUs, rule.effectiveFromUs);
  const metUs = startUs + condition.forS * 1e6;
  if (endUs < metUs - ROUNDING_US) return { memory: { startUs, endUs, open: null }, alerts: [] };
  const alert = raise(
    rule,
    { sensorId: interval.sensorId, raisedUs: metUs, receivedTimeUs: interval.receivedTimeUs },
    {
      message: anomalyRaised(interval, (endUs - startUs) / 1e6),
      value: interval.score,
      limit: interval.threshold,
      causeId: interval.anomalyId,
    },
  );
  return { memory: { startUs, endUs, open: alert }, alerts: [alert] };
};
