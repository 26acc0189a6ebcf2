import { Anomaly, AnomalyState, Condition, EventPhase, SoundEvent, SoundLevels } from '@earshot/contracts';
import type { AlertInput, AnomalyInterval, EventPhaseSeen } from '@earshot/core/alerting';
import type { IncomingRecord } from '@earshot/platform/kafka';
import type { Decoded } from '@earshot/platform/stage-runner';

const invalid = (cause: string): Decoded<never> => ({ kind: 'dlq', reason: 'invalid', cause });
const dbOrNull = (db: number): number | null => (Number.isNaN(db) ? null : db);
const named = ({ tenantId, sensorId }: { readonly tenantId: string; readonly sensorId: string }): boolean =>
  tenantId !== '' && sensorId !== '';
const bytes = ({ value }: IncomingRecord): Uint8Array => value ?? new Uint8Array();

export const decodeLevels = (record: IncomingRecord): Decoded<AlertInput> => {
  const levels = SoundLevels.decode(bytes(record));
  if (!named(levels) || levels.timeUs <= 0) return invalid('tenant_id, sensor_id or time_us is missing');
  const { tenantId, sensorId, timeUs, durationMs, receivedTimeUs } = levels;
  return {
    kind: 'input',
    input: {
      kind: 'level',
      tenantId,
      sensorId,
      timeUs,
      durationMs,
      receivedTimeUs,
      calibrated: levels.calibrationId !== '',
      levelsDb: {
        laeq: dbOrNull(levels.laeqDb),
        lceq: dbOrNull(levels.lceqDb),
        lzeq: dbOrNull(levels.lzeqDb),
        lafmax: dbOrNull(levels.lafmaxDb),
        lcpeak: dbOrNull(levels.lcpeakDb),
      },
    },
  };
};

const phases: Readonly<Record<EventPhase, EventPhaseSeen['phase'] | null>> = {
  [EventPhase.EVENT_PHASE_OPEN]: 'open',
  [EventPhase.EVENT_PHASE_UPDATE]: 'update',
  [EventPhase.EVENT_PHASE_CLOSE]: 'close',
  [EventPhase.EVENT_PHASE_UNSPECIFIED]: null,
  [EventPhase.UNRECOGNIZED]: null,
};

export const decodeEvent = (record: IncomingRecord): Decoded<AlertInput> => {
  const event = SoundEvent.decode(bytes(record));
  const phase = phases[event.phase];
  if (!named(event) || event.id === '' || event.onsetUs <= 0) return invalid('an id or onset_us is missing');
  if (phase === null) return invalid(`phase ${event.phase}`);
  const { tenantId, sensorId, label, onsetUs, offsetUs, confidence, receivedTimeUs } = event;
  return {
    kind: 'input',
    input: {
      kind: 'event',
      tenantId,
      sensorId,
      eventId: event.id,
      phase,
      label,
      onsetUs,
      offsetUs,
      confidence,
      receivedTimeUs,
    },
  };
};

const states: Readonly<Record<AnomalyState, AnomalyInterval['state'] | null>> = {
  [AnomalyState.ANOMALY_STATE_LEARNING]: 'learning',
  [AnomalyState.ANOMALY_STATE_NORMAL]: 'normal',
  [AnomalyState.ANOMALY_STATE_ANOMALOUS]: 'anomalous',
  [AnomalyState.ANOMALY_STATE_UNSPECIFIED]: null,
  [AnomalyState.UNRECOGNIZED]: null,
};

export const decodeAnomaly = (record: IncomingRecord): Decoded<AlertInput> => {
  const anomaly = Anomaly.decode(bytes(record));
  const state = states[anomaly.state];
  if (!named(anomaly) || anomaly.timeUs <= 0) return invalid('tenant_id, sensor_id or time_us is missing');
  if (state === null) return invalid(`state ${anomaly.state}`);
  const { tenantId, sensorId, timeUs, durationMs, score, threshold, episodeOnsetUs, receivedTimeUs } = anomaly;
  return {
    kind: 'input',
    input: {
      kind: 'anomaly',
      tenantId,
      sensorId,
      anomalyId: anomaly.id,
      timeUs,
      durationMs,
      state,
      dangerous: anomaly.condition === Condition.CONDITION_DANGER,
      score,
      threshold,
      episodeOnsetUs,
      receivedTimeUs,
      finding: anomaly.findings[0] ?? null,
    },
  };
};
