import { describe, expect, it } from '@jest/globals';
import { Alert, AlertState, Classification, EventPhase, SoundEvent, SoundLevels } from '@earshot/contracts';

import { classificationOf, eventOf, levelsOf, recordOf } from '../testing/builders.js';
import { toBlocks } from '../write-rows.js';
import { decodeAlert, decodeClassification, decodeEvent, decodeLevels } from './decode.js';
import { dateTimeOf, rowVersionOf } from './fields.js';
import type { StoredRow } from './stored-row.js';

const timeUs = Date.UTC(2026, 10, 22, 10, 0, 0) * 1000 + 123_456;

const levelsInput = (changes: Partial<SoundLevels> = {}, kafkaOffset = 7): StoredRow => {
  const decoded = decodeLevels(
    recordOf(
      'levels',
      kafkaOffset,
      SoundLevels.encode(levelsOf({ timeUs, receivedTimeUs: timeUs, ...changes })).finish(),
      3,
    ),
  );
  if (decoded.kind !== 'input') throw new Error(decoded.cause);
  return decoded.input;
};

describe('rows', () => {
  it('keep microseconds and say nothing of the time zone but UTC', () => {
    expect(dateTimeOf(timeUs)).toBe('2026-11-22 10:00:00.123456');
    expect(dateTimeOf(Date.UTC(2026, 0, 1) * 1000 + 1)).toBe('2026-01-01 00:00:00.000001');
  });

  it('write levels without energy and absent bands as NULL', () => {
    const { columns } = levelsInput({ laeqDb: Number.NaN, lafmaxDb: -Infinity, thirdOctaveDb: [-40, Number.NaN] });
    expect(columns).toMatchObject({ laeq_db: null, lafmax_db: null, third_octave_db: [-40, null], lceq_db: -28 });
  });

  it('say where in Kafka they come from, and keep event and reception time apart', () => {
    expect(levelsInput({ receivedTimeUs: timeUs + 500_000 }).columns).toMatchObject({
      kafka_partition: 3,
      kafka_offset: 7,
      time: '2026-11-22 10:00:00.123456',
      received_time: '2026-11-22 10:00:00.623456',
    });
  });

  it('order versions by calibration before the Kafka offset', () => {
    expect(BigInt(rowVersionOf(1, 0)) > BigInt(rowVersionOf(0, 2 ** 47))).toBe(true);
    expect(BigInt(rowVersionOf(1, 9)) > BigInt(rowVersionOf(1, 8))).toBe(true);
    expect(BigInt(rowVersionOf(2 ** 31, 2 ** 47)) < 2n ** 64n).toBe(true);
  });

  it('take the most probable class as the top, none at a discontinuity', () => {
    const row = (changes: Partial<Classification>) =>
      decodeClassification(
        recordOf('c', 1, Classification.encode(classificationOf({ id: 'x', timeUs, ...changes })).finish()),
      );
    const classes = [
      { label: 'rain', probability: 0.25 },
      { label: 'dog', probability: 0.5 },
    ];
    expect(row({ classes })).toMatchObject({
      input: { columns: { top_label: 'dog', top_probability: 0.5, probabilities: { rain: 0.25, dog: 0.5 } } },
    });
    expect(row({ discontinuity: true })).toMatchObject({ input: { columns: { top_label: '', probabilities: {} } } });
  });

  it('mark the window of an event by its onset', () => {
    const event = eventOf({ id: 'e', onsetUs: timeUs, offsetUs: timeUs + 1, phase: EventPhase.EVENT_PHASE_OPEN });
    expect(decodeEvent(recordOf('e', 1, SoundEvent.encode(event).finish()))).toMatchObject({
      input: { columns: { phase: 'open' }, touch: { tenantId: 't1', sensorId: 's1', timeUs } },
    });
  });

  it('give a raised alert no end', () => {
    const alert = Alert.fromPartial({
      id: 'a',
      tenantId: 't1',
      raisedUs: timeUs,
      state: AlertState.ALERT_STATE_RAISED,
    });
    expect(decodeAlert(recordOf('a', 1, Alert.encode(alert).finish()))).toMatchObject({
      input: { columns: { state: 'raised', resolved_time: null } },
    });
  });

  it.each([
    ['no tenant', { tenantId: '' }, 'tenant_id is empty'],
    ['a time before 2000', { timeUs: 5 }, 'time_us is 5'],
    ['a time after 2099', { timeUs: 9e15 }, 'time_us is 9000000000000000'],
    ['no duration', { durationMs: 0 }, 'duration_ms is 0'],
  ])('refuse levels with %s', (_, changes, cause) => {
    const bytes = SoundLevels.encode(levelsOf({ timeUs, ...changes })).finish();
    const decoded = decodeLevels(recordOf('levels', 1, bytes));
    expect(decoded).toMatchObject({ kind: 'dlq', reason: 'invalid' });
    expect(decoded.kind === 'dlq' && decoded.cause).toContain(cause);
  });
});

describe('insert blocks', () => {
  it('hold each natural key once, in its highest version', () => {
    const old = levelsInput({ laeqDb: -1 }, 1);
    const calibrated = levelsInput({ laeqDb: -2, calibrationVersion: 1, calibrationId: 'c' }, 2);
    const replayed = levelsInput({ laeqDb: -3 }, 3);
    const [block] = toBlocks([old, calibrated, replayed]);
    expect(block?.rows).toEqual([calibrated]);
  });

  it('keep apart seconds of two boots and of two tenants', () => {
    const [block] = toBlocks([levelsInput(), levelsInput({ bootId: 'b2' }), levelsInput({ tenantId: 't2' })]);
    expect(block?.rows).toHaveLength(3);
  });

  it('have the same token for the same rows, another for other rows at the same Kafka offsets', () => {
    const token = (rows: readonly StoredRow[]) => toBlocks(rows)[0]?.encoded.token;
    expect(token([levelsInput()])).toBe(token([levelsInput()]));
    expect(token([levelsInput()])).not.toBe(token([levelsInput({ laeqDb: -31 })]));
  });
});
