import {
  Alert,
  AlertState,
  Anomaly,
  AnomalyState,
  Classification,
  EventPhase,
  EventReview,
  ReviewVerdict,
  SoundEvent,
  SoundLevels,
} from '@earshot/contracts';
import { decodeSafely } from '@earshot/platform/stage-runner';
import { fuzz, mutated, oddNumber } from '@earshot/testing/fuzz';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';

import { classificationOf, eventOf, levelsOf, recordOf } from '../testing/builders.js';
import { createTestDatabase, type TestDatabase } from '../testing/database.js';
import { writeRows } from '../write-rows.js';
import { decodeAlert, decodeAnomaly, decodeClassification, decodeEvent, decodeLevels, decodeReview } from './decode.js';
import type { StoredRow } from './stored-row.js';

jest.setTimeout(3_600_000);

const TIME_US = 1_763_800_000_000_000;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const decoders = [decodeLevels, decodeClassification, decodeEvent, decodeAnomaly, decodeAlert, decodeReview];
const seeds = [
  SoundLevels.encode(levelsOf({ timeUs: TIME_US })).finish(),
  Classification.encode(
    classificationOf({ id: 'c', timeUs: TIME_US, classes: [{ label: 'dog', probability: 0.5 }] }),
  ).finish(),
  SoundEvent.encode(eventOf({ id: 'e', onsetUs: TIME_US, offsetUs: TIME_US + 1e6 })).finish(),
  Anomaly.encode(
    Anomaly.fromPartial({
      ...{ id: 'a', tenantId: 't1', sensorId: 's1', timeUs: TIME_US, state: AnomalyState.ANOMALY_STATE_NORMAL },
      explanation: [{ frequencyHz: 1000, deviationDb: 3 }],
    }),
  ).finish(),
  Alert.encode(
    Alert.fromPartial({ id: 'x', tenantId: 't1', raisedUs: TIME_US, state: AlertState.ALERT_STATE_RAISED }),
  ).finish(),
  EventReview.encode(
    EventReview.fromPartial({
      ...{ tenantId: 't1', sensorId: 's1', eventId: 'e', version: 1, reviewedUs: TIME_US, reviewer: 'ada' },
      verdict: ReviewVerdict.REVIEW_VERDICT_RIGHT,
      event: { label: 'dog', onsetUs: TIME_US, offsetUs: TIME_US + 1e6, confidence: 0.5 },
      clip: { key: 'a', fromUs: TIME_US, sampleRateHz: 16_000, sampleCount: 16_000 },
    }),
  ).finish(),
];

const rowsOf = (values: readonly (readonly [number, Uint8Array])[]): readonly StoredRow[] =>
  values.flatMap(([kind, value], kafkaOffset) => {
    const decode = decoders[kind];
    if (decode === undefined) return [];
    const decoded = decodeSafely({ topic: 'any', decode }, recordOf('any', kafkaOffset, value));
    return decoded.kind === 'input' ? [decoded.input] : [];
  });

let stored = 0;
/** One row that the engine refuses would hold up its whole partition for ever. */
const areStored = async (rows: readonly StoredRow[]): Promise<void> => {
  await writeRows(database.clickhouse, rows);
  stored += rows.length;
};

it('whatever is not a dead letter can be stored: bytes of any kind', async () => {
  const kind = fc.nat({ max: decoders.length - 1 });
  const batch = fc.array(fc.tuple(kind, mutated(seeds)), { minLength: 20, maxLength: 60 });
  await fuzz(
    { runs: 40 },
    fc.asyncProperty(batch, (values) => areStored(rowsOf(values))),
  );
  expect(stored).toBeGreaterThan(20);
});

it('whatever is not a dead letter can be stored: fields of any value', async () => {
  const time = oddNumber(TIME_US).filter((us) => us >= 0);
  const count = oddNumber(1000, 2 ** 32 - 1).filter((value) => value >= 0);
  const index = oddNumber(7);
  const number = fc.oneof(fc.float(), fc.constantFrom(-0, NaN, Infinity));
  const text = fc.oneof(fc.constant('id'), fc.string({ unit: 'binary', maxLength: 40 }));
  const someLevels = fc
    .record({
      ...{ timeUs: time, secondIndex: index, durationMs: count, sampleRateHz: count, calibrationVersion: count },
      ...{ laeqDb: number, fullScaleDb: number, clippedShare: number, receivedTimeUs: time, bootId: text },
      thirdOctaveDb: fc.array(number, { maxLength: 40 }),
    })
    .map((change) => [0, SoundLevels.encode(levelsOf(change)).finish()] as const);
  const someClassifications = fc
    .record({
      ...{ id: text, timeUs: time, windowMs: count, firstFrameIndex: index, laeqDb: number, modelId: text },
      classes: fc.array(fc.record({ label: text, probability: number }), { maxLength: 5 }),
    })
    .map((change) => [1, Classification.encode(classificationOf(change)).finish()] as const);
  const someEvents = fc
    .record({ id: text, label: text, onsetUs: time, offsetUs: time, confidence: number, revision: count })
    .map(
      (change) => [2, SoundEvent.encode(eventOf({ ...change, phase: EventPhase.EVENT_PHASE_OPEN })).finish()] as const,
    );
  const batch = fc.array(fc.oneof(someLevels, someClassifications, someEvents), { minLength: 10, maxLength: 40 });
  await fuzz(
    { runs: 40 },
    fc.asyncProperty(batch, (values) => areStored(rowsOf(values))),
  );
});
