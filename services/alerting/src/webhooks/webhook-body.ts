import { AlertState, type Alert } from '@earshot/contracts';

const rfc3339 = (timeUs: number): string | null => (timeUs === 0 ? null : new Date(timeUs / 1000).toISOString());
/** Floats of 32 bit, without the digits that they do not have. */
const rounded = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null);

export const transitionOf = (alert: Alert): 'raised' | 'resolved' =>
  alert.state === AlertState.ALERT_STATE_RESOLVED ? 'resolved' : 'raised';

/** What a webhook is sent: `{"alert":{…},"transition":"raised"|"resolved"}`; times in RFC 3339, UTC, milliseconds. */
export const webhookBody = (alert: Alert): string => {
  const transition = transitionOf(alert);
  return JSON.stringify({
    alert: {
      id: alert.id,
      tenantId: alert.tenantId,
      sensorId: alert.sensorId,
      ruleId: alert.ruleId,
      ruleName: alert.ruleName,
      severity: alert.severity,
      state: transition,
      raisedAt: rfc3339(alert.raisedUs),
      resolvedAt: rfc3339(alert.resolvedUs),
      message: alert.message,
      value: rounded(alert.value),
      limit: rounded(alert.limit),
      causeId: alert.causeId === '' ? null : alert.causeId,
      revision: alert.revision,
    },
    transition,
  });
};

/** The same for every attempt, so that the receiver can pass over what it has. */
export const idempotencyKey = (alert: Alert): string => `${alert.id}:${alert.revision}`;
