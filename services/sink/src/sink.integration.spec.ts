import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Classification, dlqName, SoundEvent, SoundLevels, topicName, type TopicId } from '@earshot/contracts';
import {
  createKafka,
  createProducer,
  ensureTopics,
  readToEnd,
  type Kafka,
  type RecordProducer,
} from '@earshot/platform/kafka';
import { SinkRunner } from '@earshot/platform/stage-runner';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';

import { Aggregator } from './aggregates/aggregator.js';
import { createLedger } from './calibrations/ledger.js';
import { createSink } from './pipeline.js';
import { createSettingsTable } from './registry/sensor-settings.js';
import { classificationOf, eventOf, levelsOf } from './testing/builders.js';
import { createTestDatabase, type TestDatabase } from './testing/database.js';

/** A busy machine is slow to start an engine's first statement. */
jest.setTimeout(120_000);

const namespace = `t-sink-${randomUUID().slice(0, 8)}`;
const logger = createLogger('sink-test', 'error');
const startUs = Date.UTC(2026, 10, 22, 10) * 1000;
const SECONDS = 300;

let database: TestDatabase;
let kafka: Kafka;
let producer: RecordProducer;

beforeAll(async () => {
  const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
  database = await createTestDatabase();
  kafka = createKafka({ brokers, clientId: 'sink-test', logger });
  await ensureTopics({ brokers, namespace, partitions: 3 });
  producer = await createProducer(kafka);
});

afterAll(async () => {
  await producer.close();
  await database.drop();
});

/** `computes: false`: an instance that stores rows and does not live to compute their windows. */
const startSink = async ({ computes = true } = {}) => {
  const registry = createRegistry('sink-test');
  const deps = { clickhouse: database.clickhouse, ready: Promise.resolve(), logger, registry };
  const aggregator = new Aggregator({ ...deps, settings: createSettingsTable(), staleScanHours: 48 });
  const { definition } = createSink({ ...deps, aggregator, ledger: createLedger(), namespace, lingerMs: 50 });
  const runner = new SinkRunner(definition, { kafka, producer, namespace, logger, registry });
  if (computes) await aggregator.start();
  await runner.start();
  return {
    stop: async () => {
      await runner.stop();
      await aggregator.stop();
    },
  };
};

const send = async (topic: TopicId, sensorId: string, values: readonly Uint8Array[]): Promise<void> =>
  producer.send(values.map((value) => ({ topic: topicName(topic, namespace), key: `t1/${sensorId}`, value })));

const levelsFor = (sensorId: string): readonly Uint8Array[] =>
  Array.from({ length: SECONDS }, (_, index) =>
    SoundLevels.encode(levelsOf({ sensorId, secondIndex: index, timeUs: startUs + index * 1_000_000 })).finish(),
  );

/** Reads until the answer is `wanted`; fails with the last answer when it never is. */
const eventually = async <T>(read: () => Promise<T>, wanted: T): Promise<void> => {
  let last = await read();
  for (let attempt = 0; attempt < 300 && JSON.stringify(last) !== JSON.stringify(wanted); attempt += 1) {
    await pause(200);
    last = await read();
  }
  expect(last).toEqual(wanted);
};

const countOf = async (table: string): Promise<number> => {
  const [row] = await database.clickhouse.query<{ n: string }>(`SELECT count() AS n FROM ${table}`);
  return Number(row?.n);
};

describe('sink on a real broker and engine', () => {
  const sensors = ['a', 'b', 'c', 'd'];

  it('stores every second once and computes its windows, through restarts, replays and records that are no levels', async () => {
    const first = await startSink();
    for (const id of sensors) await send('levels', id, levelsFor(id).slice(0, 200));
    await send('levels', 'a', [
      Buffer.from([0xff, 0xff]),
      SoundLevels.encode(levelsOf({ sensorId: 'a', timeUs: 1 })).finish(),
    ]);
    await eventually(() => countOf('levels_1s'), sensors.length * 200);
    await first.stop();

    // While it is away: the rest, and a stage upstream that was restarted and says again what it had said.
    for (const id of sensors) await send('levels', id, levelsFor(id).slice(150));
    const classes = [{ label: 'dog', probability: 0.9 }];
    await send('classifications', 'a', [
      Classification.encode(classificationOf({ sensorId: 'a', id: 'c1', timeUs: startUs, classes })).finish(),
      Classification.encode(
        classificationOf({ sensorId: 'a', id: 'c2', timeUs: startUs + 500_000, classes: [] }),
      ).finish(),
    ]);
    await send('events', 'a', [
      SoundEvent.encode(eventOf({ sensorId: 'a', id: 'e1', onsetUs: startUs, offsetUs: startUs + 1 })).finish(),
    ]);

    const second = await startSink();
    await eventually(() => countOf('levels_1s'), sensors.length * SECONDS);
    await eventually(() => countOf('levels_1m WHERE seconds = 60 AND completeness = 1'), sensors.length * 5);
    await eventually(
      () =>
        database.clickhouse.query(
          "SELECT class_shares, event_counts, seconds FROM levels_1m WHERE sensor_id = 'a' ORDER BY time LIMIT 1",
        ),
      [{ class_shares: { dog: 0.5 }, event_counts: { dog: 1 }, seconds: 60 }],
    );
    await second.stop();
  });

  it('computes the windows of rows that another instance stored and left', async () => {
    const staying = await startSink();
    await send('levels', 'before', levelsFor('before').slice(0, 60));
    await eventually(() => countOf("levels_1m WHERE sensor_id = 'before'"), 1);
    const leaving = await startSink({ computes: false });
    const ids = Array.from({ length: 12 }, (_, index) => `left-${index}`);
    for (const id of ids) await send('levels', id, levelsFor(id).slice(0, 60));
    await eventually(() => countOf("levels_1s WHERE startsWith(sensor_id, 'left')"), ids.length * 60);
    await leaving.stop();
    await eventually(() => countOf("levels_1m WHERE startsWith(sensor_id, 'left') AND seconds = 60"), ids.length);
    await staying.stop();
  });

  it('leaves what it can not store in the dead-letter topic, untouched', async () => {
    const lengths: (number | undefined)[] = [];
    const topics = [dlqName(topicName('levels', namespace))];
    await readToEnd(kafka, { topics, logger, onRecord: (letter) => void lengths.push(letter.value?.length) });
    const tooOld = SoundLevels.encode(levelsOf({ sensorId: 'a', timeUs: 1 })).finish();
    expect(lengths.sort()).toEqual([2, tooOld.length].sort());
  });
});
