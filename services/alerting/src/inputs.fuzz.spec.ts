import { Alert, Anomaly, AnomalyState, EventPhase, SoundEvent, SoundLevels } from '@earshot/contracts';
import { createRaiseAlerts, RuleBook, type AlertingState, type AlertInput } from '@earshot/core/alerting';
import { emitted } from '@earshot/core/stage';
import { decodeSafely, type StageInput } from '@earshot/platform/stage-runner';
import { fuzz, mutated, oddNumber } from '@earshot/testing/fuzz';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { decodeAnomaly, decodeEvent, decodeLevels } from './inputs.js';
import { alertRecord } from './outputs.js';

jest.setTimeout(3_600_000);

const TIME_US = 1_780_000_000_000_000;
const who = { tenantId: 't', sensorId: 's', receivedTimeUs: TIME_US + 1e6 };

const inputs = {
  levels: { topic: 'levels', decode: decodeLevels },
  events: { topic: 'events', decode: decodeEvent },
  anomalies: { topic: 'anomalies', decode: decodeAnomaly },
} as const satisfies Record<string, StageInput<AlertInput>>;
type Topic = keyof typeof inputs;

const rules = new RuleBook();
for (const [ruleId, condition] of [
  ['level', { kind: 'level', quantity: 'laeq', aboveDb: 60, forS: 1, resolveAfterS: 1 }],
  ['event', { kind: 'event', label: 'dog', minConfidence: 0.1, minDurationS: 0 }],
  ['anomaly', { kind: 'anomaly', forS: 1, minCondition: 'alarm' }],
] as const)
  rules.put({
    ...{ tenantId: 't', ruleId, version: 1, name: ruleId, sensorIds: [], severity: 'warning', condition },
    ...{ enabled: true, deleted: false, effectiveFromUs: 0 },
  });
const stage = createRaiseAlerts(rules);

const levels = (change: Partial<SoundLevels> = {}): Uint8Array =>
  SoundLevels.encode({
    ...SoundLevels.fromPartial({ ...who, bootId: 'b', timeUs: TIME_US, durationMs: 1000, laeqDb: 80 }),
    ...change,
  }).finish();
const event = (change: Partial<SoundEvent> = {}): Uint8Array =>
  SoundEvent.encode({
    ...SoundEvent.fromPartial({ ...who, id: 'e', label: 'dog', confidence: 0.9, phase: EventPhase.EVENT_PHASE_OPEN }),
    ...{ onsetUs: TIME_US, offsetUs: TIME_US + 1e6, ...change },
  }).finish();
const anomaly = (change: Partial<Anomaly> = {}): Uint8Array =>
  Anomaly.encode({
    ...Anomaly.fromPartial({ ...who, id: 'a', timeUs: TIME_US, durationMs: 5000, score: 4, threshold: 2 }),
    ...{ state: AnomalyState.ANOMALY_STATE_ANOMALOUS, episodeOnsetUs: TIME_US, ...change },
  }).finish();

/** All of them through the stage: what it raises can be written, read and told to people. */
const hear = (records: readonly (readonly [Topic, Uint8Array])[]): void => {
  let state: AlertingState = stage.init('t/s');
  records.forEach(([topic, value], kafkaOffset) => {
    const record = { topic, partition: 0, kafkaOffset, key: 't/s', value, headers: {}, timestampMs: 0 };
    const decoded = decodeSafely(inputs[topic], record);
    if (decoded.kind === 'dlq') {
      expect(decoded.cause).not.toBe('');
      return;
    }
    const after = stage.step(state, [decoded.input]);
    state = after.state;
    for (const alert of emitted(after.outcomes)) {
      const told = Alert.decode(alertRecord(alert, 'test').value ?? new Uint8Array());
      expect([told.id !== '', told.message !== '', told.raisedUs > 0]).toEqual([true, true, true]);
    }
  });
};

const topic = fc.constantFrom<Topic>('levels', 'events', 'anomalies');

describe('records of the levels, events and anomalies topics', () => {
  it('bytes of any kind', async () => {
    const bytes = mutated([levels(), event(), anomaly()]);
    await fuzz({ runs: 1_000 }, fc.property(fc.array(fc.tuple(topic, bytes), { minLength: 1, maxLength: 12 }), hear));
  });

  it('fields of any value', async () => {
    const time = oddNumber(TIME_US).filter((us) => us >= 0);
    const db = fc.oneof(fc.constantFrom(80, 40), fc.float());
    const count = oddNumber(1000, 2 ** 32 - 1).filter((value) => value >= 0);
    const phase = fc.constantFrom(EventPhase.EVENT_PHASE_OPEN, EventPhase.EVENT_PHASE_CLOSE, EventPhase.UNRECOGNIZED);
    const state = fc.constantFrom(AnomalyState.ANOMALY_STATE_ANOMALOUS, AnomalyState.ANOMALY_STATE_NORMAL);
    const one = fc.oneof(
      fc.record({ timeUs: time, durationMs: count, laeqDb: db }).map((change) => ['levels', levels(change)] as const),
      fc
        .record({ id: fc.constantFrom('e', 'f'), onsetUs: time, offsetUs: time, confidence: db, phase })
        .map((change) => ['events', event(change)] as const),
      fc
        .record({ timeUs: time, durationMs: count, score: db, episodeOnsetUs: time, state })
        .map((change) => ['anomalies', anomaly(change)] as const),
    );
    await fuzz({ runs: 1_000 }, fc.property(fc.array(one, { minLength: 1, maxLength: 30 }), hear));
  });
});
