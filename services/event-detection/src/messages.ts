import { EventPhase, SoundEvent as EventMessage, sensorKey, topicName } from '@earshot/contracts';
import type { SoundEvent } from '@earshot/core/detection';
import type { OutgoingRecord } from '@earshot/platform/kafka';

const phases = {
  open: EventPhase.EVENT_PHASE_OPEN,
  update: EventPhase.EVENT_PHASE_UPDATE,
  close: EventPhase.EVENT_PHASE_CLOSE,
} as const;

/** One phase of an event as a record of the events topic. */
export const encodeEvent =
  (namespace: string) =>
  ({ phase, laeqDb, laeqMaxDb, ...same }: SoundEvent): OutgoingRecord => ({
    topic: topicName('events', namespace),
    key: sensorKey(same.tenantId, same.sensorId),
    value: EventMessage.encode({
      ...same,
      phase: phases[phase],
      laeqDb: laeqDb ?? NaN,
      laeqMaxDb: laeqMaxDb ?? NaN,
    }).finish(),
  });
