import { fnv1a, raise, resolve } from './alert-life.js';
import { eventRaised, eventResolved } from './messages.js';
import type { Alert, AlertRule, EventCondition, EventPhaseSeen } from './types.js';

/** Open alerts of one event rule for one sensor, by event id; null: none. */
export type EventMemory = Readonly<Record<string, Alert>> | null;

export interface EventStep {
  readonly memory: EventMemory;
  readonly alerts: readonly Alert[];
}

const without = (memory: EventMemory, eventId: string): EventMemory => {
  const rest = Object.entries(memory ?? {}).filter(([id]) => id !== eventId);
  return rest.length === 0 ? null : Object.fromEntries(rest);
};

/** One phase of an event, for one rule version in force. Phases of an event are in order of their revision. */
export const stepEventRule = (
  rule: AlertRule,
  condition: EventCondition,
  memory: EventMemory,
  event: EventPhaseSeen,
): EventStep => {
  if (event.label !== condition.label) return { memory, alerts: [] };
  const open = memory?.[event.eventId];
  const minDurationUs = condition.minDurationS * 1e6;
  const met = event.confidence >= condition.minConfidence && event.offsetUs - event.onsetUs >= minDurationUs;
  if (open === undefined && !met) return { memory, alerts: [] };
  const raised = open ?? raiseFor(rule, condition, event, event.onsetUs + minDurationUs);
  const alerts = open === undefined ? [raised] : [];
  if (event.phase !== 'close') return { memory: { ...memory, [event.eventId]: raised }, alerts };
  return {
    memory: without(memory, event.eventId),
    alerts: [...alerts, resolve(raised, event.offsetUs, event.receivedTimeUs, eventResolved(event))],
  };
};

/** Two events of one label can begin together (of two models): the event's id is in the alert's. */
const raiseFor = (rule: AlertRule, condition: EventCondition, event: EventPhaseSeen, raisedUs: number): Alert => {
  const alert = raise(
    rule,
    { sensorId: event.sensorId, raisedUs, receivedTimeUs: event.receivedTimeUs },
    {
      message: eventRaised(event),
      value: event.confidence,
      limit: condition.minConfidence,
      causeId: event.eventId,
    },
  );
  return { ...alert, id: `${alert.id}.${fnv1a(event.eventId)}` };
};
