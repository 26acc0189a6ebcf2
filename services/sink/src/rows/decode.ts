import { Alert, Anomaly, Classification, EventReview, SoundEvent, SoundLevels } from '@earshot/contracts';
import type { IncomingRecord } from '@earshot/platform/kafka';
import type { Decoded } from '@earshot/platform/stage-runner';

import { emptyFault, timeFault } from './fields.js';
import { reviewRow, reviewSpan, verdictName } from './review-row.js';
import type { StoredRow } from './stored-row.js';
import {
  alertRow,
  alertStateName,
  anomalyRow,
  anomalyStateName,
  classificationRow,
  eventRow,
  levelsRow,
  phaseName,
} from './to-rows.js';

interface Codec<T> {
  decode(bytes: Uint8Array): T;
}

/** A decoder of one topic: bytes to message, the first fault named, message to row. */
const decoder =
  <T>(
    codec: Codec<T>,
    fault: (message: T) => string | undefined,
    toRow: (message: T, record: IncomingRecord) => StoredRow,
  ) =>
  (record: IncomingRecord): Decoded<StoredRow> => {
    if (record.value === null) return { kind: 'dlq', reason: 'invalid', cause: 'the record has no value' };
    const message = codec.decode(record.value);
    const cause = fault(message);
    return cause === undefined
      ? { kind: 'input', input: toRow(message, record) }
      : { kind: 'dlq', reason: 'invalid', cause };
  };

const unnamed = (name: string | undefined, what: string): string | undefined =>
  name === undefined ? `${what} is not set` : undefined;

export const decodeLevels = decoder(
  SoundLevels,
  (levels) =>
    emptyFault({ tenant_id: levels.tenantId, sensor_id: levels.sensorId }) ??
    timeFault('time_us', levels.timeUs) ??
    (levels.durationMs > 0 ? undefined : 'duration_ms is 0'),
  levelsRow,
);

export const decodeClassification = decoder(
  Classification,
  (value) =>
    emptyFault({ tenant_id: value.tenantId, sensor_id: value.sensorId, id: value.id }) ??
    timeFault('time_us', value.timeUs),
  classificationRow,
);

export const decodeEvent = decoder(
  SoundEvent,
  (event) =>
    emptyFault({ tenant_id: event.tenantId, sensor_id: event.sensorId, id: event.id, label: event.label }) ??
    unnamed(phaseName(event.phase), 'phase') ??
    timeFault('onset_us', event.onsetUs) ??
    timeFault('offset_us', event.offsetUs),
  eventRow,
);

export const decodeAnomaly = decoder(
  Anomaly,
  (anomaly) =>
    emptyFault({ tenant_id: anomaly.tenantId, sensor_id: anomaly.sensorId, id: anomaly.id }) ??
    unnamed(anomalyStateName(anomaly.state), 'state') ??
    timeFault('time_us', anomaly.timeUs) ??
    (anomaly.episodeOnsetUs === 0 ? undefined : timeFault('episode_onset_us', anomaly.episodeOnsetUs)) ??
    (anomaly.worstTimeUs === 0 ? undefined : timeFault('worst_time_us', anomaly.worstTimeUs)),
  anomalyRow,
);

export const decodeAlert = decoder(
  Alert,
  (alert) =>
    emptyFault({ tenant_id: alert.tenantId, id: alert.id }) ??
    unnamed(alertStateName(alert.state), 'state') ??
    timeFault('raised_us', alert.raisedUs) ??
    (alert.resolvedUs === 0 ? undefined : timeFault('resolved_us', alert.resolvedUs)),
  alertRow,
);

export const decodeReview = decoder(
  EventReview,
  (review) => {
    const { onsetUs, offsetUs } = reviewSpan(review);
    return (
      emptyFault({ tenant_id: review.tenantId, sensor_id: review.sensorId, event_id: review.eventId }) ??
      unnamed(verdictName(review.verdict), 'verdict') ??
      timeFault('onset_us', onsetUs) ??
      timeFault('offset_us', offsetUs) ??
      timeFault('reviewed onset_us', review.onsetUs ?? onsetUs) ??
      timeFault('reviewed offset_us', review.offsetUs ?? offsetUs) ??
      timeFault('reviewed_us', review.reviewedUs) ??
      (review.clip === undefined ? undefined : timeFault('clip.from_us', review.clip.fromUs))
    );
  },
  reviewRow,
);
