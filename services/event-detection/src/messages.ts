import { Classification, EventPhase, SoundEvent as EventMessage, sensorKey, topicName } from '@earshot/contracts';
import type { ScoredWindow } from '@earshot/core/classification';
import type { SoundEvent } from '@earshot/core/detection';
import type { IncomingRecord, OutgoingRecord } from '@earshot/platform/kafka';
import type { Decoded } from '@earshot/platform/stage-runner';

/** A classifications record as the stage takes it. */
export const decodeClassification = (record: IncomingRecord): Decoded<ScoredWindow> => {
  if (record.value === null) return { kind: 'dlq', reason: 'invalid', cause: 'no value' };
  const { classes, laeqDb, ...same } = Classification.decode(record.value);
  if (record.key !== sensorKey(same.tenantId, same.sensorId) || same.tenantId === '' || same.sensorId === '')
    return {
      kind: 'dlq',
      reason: 'invalid',
      cause: `key "${record.key}" is not its sensor "${same.tenantId}/${same.sensorId}"`,
    };
  const wrong = classes.find(({ probability }) => !(probability >= 0 && probability <= 1));
  if (wrong !== undefined)
    return { kind: 'dlq', reason: 'invalid', cause: `probability ${wrong.probability} of ${wrong.label}` };
  if (!same.discontinuity && (same.windowMs === 0 || same.hopMs === 0))
    return { kind: 'dlq', reason: 'invalid', cause: `window of ${same.windowMs} ms every ${same.hopMs} ms` };
  return {
    kind: 'input',
    input: {
      ...same,
      labels: classes.map(({ label }) => label),
      probabilities: classes.map(({ probability }) => probability),
      laeqDb: Number.isNaN(laeqDb) ? null : laeqDb,
    },
  };
};

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
