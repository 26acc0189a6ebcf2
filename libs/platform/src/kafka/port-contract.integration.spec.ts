import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { createLogger } from '../telemetry/index.js';
import {
  createConsumer,
  createKafka,
  createProducer,
  createReader,
  createTopicView,
  readToEnd,
  sleep,
  type IncomingRecord,
  type RecordConsumer,
  type RecordProducer,
} from './index.js';

/**
 * The contract suite of the Kafka port: any driver behind `port.ts` has to pass it against a real broker.
 */
const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const logger = createLogger('kafka-contract', 'error');
const kafka = createKafka({ brokers, clientId: 'contract', logger });
const admin = new kafkajs.Kafka({ clientId: 'contract-admin', brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
const PARTITIONS = 4;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (record: IncomingRecord): string => new TextDecoder().decode(record.value ?? new Uint8Array());

const makeTopic = async (config: Record<string, string> = {}): Promise<string> => {
  const topic = `contract-${randomUUID()}`;
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      {
        topic,
        numPartitions: PARTITIONS,
        replicationFactor: 1,
        configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
      },
    ],
  });
  return topic;
};

const until = async (what: string, condition: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 300; tries += 1) {
    if (condition()) return;
    await sleep(100);
  }
  throw new Error(`Waited in vain for ${what}`);
};

const committed = async (groupId: string, topic: string): Promise<number> => {
  const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
  return (answer?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
};

let producer: RecordProducer;

beforeAll(async () => {
  await admin.connect();
  producer = await createProducer(kafka);
});

afterAll(async () => {
  await producer.close();
  await admin.disconnect();
});

const numbered = (topic: string, count: number, keys = 8) =>
  Array.from({ length: count }, (_, index) => ({ topic, key: `tenant/s${index % keys}`, value: bytes(String(index)) }));

const readAll = async (topic: string): Promise<readonly IncomingRecord[]> => {
  const records: IncomingRecord[] = [];
  await readToEnd(kafka, { topics: [topic], logger, onRecord: (record) => records.push(record) });
  return records;
};

describe('producer', () => {
  it('writes every record of concurrent sends exactly once, in order per key', async () => {
    const topic = await makeTopic();
    await Promise.all(numbered(topic, 400).map((record) => producer.send([record])));
    const records = await readAll(topic);
    expect(records).toHaveLength(400);
    for (const key of new Set(records.map((record) => record.key))) {
      const numbers = records.filter((record) => record.key === key).map((record) => Number(text(record)));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  });

  it('sends a call made any number of microtasks after the one before was acknowledged', async () => {
    const topic = await makeTopic();
    const send = (value: string): Promise<void> => producer.send([{ topic, key: 'k', value: bytes(value) }]);
    for (let gap = 0; gap < 12; gap += 1) {
      await send(`before ${gap}`);
      for (let turn = 0; turn < gap; turn += 1) await Promise.resolve();
      await send(`after ${gap}`);
    }
    const values: string[] = [];
    await readToEnd(kafka, { topics: [topic], logger, onRecord: (record) => values.push(text(record)) });
    expect(values).toHaveLength(24);
  });

  it('partitions as the Java client does: murmur2 of the key', async () => {
    const topic = await makeTopic();
    await producer.send(['21', 'foobar', 'a-little-bit-long-string'].map((key) => ({ topic, key, value: bytes(key) })));
    const partitions = Object.fromEntries((await readAll(topic)).map((record) => [record.key, record.partition]));
    // toPositive(murmur2(key)) % 4 from the table in Kafka's own UtilsTest: -973932308, -790332482, -985981536.
    const expected = (hash: number): number => (hash & 0x7fffffff) % PARTITIONS;
    expect(partitions).toEqual({
      '21': expected(-973932308),
      foobar: expected(-790332482),
      'a-little-bit-long-string': expected(-985981536),
    });
  });

  it('keeps headers, tombstones and an explicit partition', async () => {
    const topic = await makeTopic();
    await producer.send([{ topic, key: 'k', partition: 3, value: null, headers: { why: 'gone' } }]);
    expect(await readAll(topic)).toMatchObject([{ key: 'k', partition: 3, value: null, headers: { why: 'gone' } }]);
  });

  it('names a record that is too large, and the calls beside it are not lost', async () => {
    const topic = await makeTopic({ 'max.message.bytes': '10000' });
    const large = producer.send([{ topic, key: 'large', value: new Uint8Array(20_000) }]);
    const small = producer.send([{ topic, key: 'small', value: bytes('x') }]);
    await expect(large).rejects.toThrow('larger than its topic takes');
    await expect(small).resolves.toBeUndefined();
    expect((await readAll(topic)).map((record) => record.key)).toContain('small');
  });
});

describe('a call larger than a request', () => {
  it('is cut, keeps its order, and resolves once all of it is there', async () => {
    // 1 MiB is what a topic takes of one partition at once; no single record comes near it.
    const topic = await makeTopic({ 'max.message.bytes': String(1024 * 1024) });
    const records = Array.from({ length: 30 }, (_, number) => {
      const value = new Uint8Array(300_000);
      value[0] = number;
      return { topic, key: 'one', value };
    });
    const [first, second] = [producer.send(records.slice(0, 20)), producer.send(records.slice(20))];
    await Promise.all([first, second]);
    expect((await readAll(topic)).map(({ value }) => value?.[0])).toEqual(records.map((_, number) => number));
  });

  it('of large snapshots of one partition too', async () => {
    const topic = `${randomUUID()}.state.feature-extraction.v1`;
    await admin.createTopics({
      waitForLeaders: true,
      topics: [
        { topic, numPartitions: 1, configEntries: [{ name: 'max.message.bytes', value: String(4 * 1024 * 1024) }] },
      ],
    });
    const snapshots = Array.from({ length: 6 }, (_, number) => ({
      topic,
      partition: 0,
      key: `sensor-${number}`,
      value: new Uint8Array(1_300_000),
    }));
    await producer.send(snapshots);
    expect((await readAll(topic)).map(({ key }) => key)).toEqual(snapshots.map(({ key }) => key));
  });
});

describe('consumer', () => {
  const consume = async (
    topic: string,
    groupId: string,
    seen: IncomingRecord[],
    commit = true,
  ): Promise<RecordConsumer> =>
    createConsumer(kafka, {
      groupId,
      topics: [topic],
      logger,
      handlers: {
        onBatch: async ({ records }, control) => {
          seen.push(...records);
          await control.heartbeat();
          if (commit) await control.commit((records.at(-1)?.kafkaOffset ?? -1) + 1);
        },
      },
    });

  it('goes on after what was committed', async () => {
    const topic = await makeTopic();
    const groupId = `g-${randomUUID()}`;
    await producer.send(numbered(topic, 40));
    const first: IncomingRecord[] = [];
    const consumer = await consume(topic, groupId, first);
    await until('the first 40', () => first.length === 40);
    await consumer.stop();
    expect(await committed(groupId, topic)).toBe(40);
    await producer.send(numbered(topic, 12));
    const second: IncomingRecord[] = [];
    const successor = await consume(topic, groupId, second);
    await until('the next 12', () => second.length >= 12);
    await successor.stop();
    expect(second).toHaveLength(12);
  });

  it('reads a slow lane completely and in order, and the other topic does not wait for its end', async () => {
    const [slow, live] = [await makeTopic(), await makeTopic()];
    await producer.send(numbered(slow, 200, 1));
    const seen: string[] = [];
    const consumer = await createConsumer(kafka, {
      groupId: `g-${randomUUID()}`,
      topics: [slow, live],
      paced: new Map([[slow, 100]]),
      logger,
      handlers: {
        onBatch: async ({ topic, records }, control) => {
          seen.push(...records.map(({ kafkaOffset }) => `${topic === slow ? 'slow' : 'live'} ${kafkaOffset}`));
          await control.commit((records.at(-1)?.kafkaOffset ?? -1) + 1);
        },
      },
    });
    await until('the slow lane has begun', () => seen.length > 0);
    await producer.send(numbered(live, 10, 1));
    await until('all of both', () => seen.length >= 210);
    await consumer.stop();
    const of = (lane: string): readonly string[] => seen.filter((one) => one.startsWith(lane));
    expect(of('slow')).toEqual(Array.from({ length: 200 }, (_, offset) => `slow ${offset}`));
    expect(of('live')).toEqual(Array.from({ length: 10 }, (_, offset) => `live ${offset}`));
    expect(seen.indexOf('live 9')).toBeLessThan(seen.indexOf('slow 199'));
  });

  it('reads again what was not committed', async () => {
    const topic = await makeTopic();
    const groupId = `g-${randomUUID()}`;
    await producer.send(numbered(topic, 10));
    const first: IncomingRecord[] = [];
    const consumer = await consume(topic, groupId, first, false);
    await until('10', () => first.length === 10);
    await consumer.stop();
    const second: IncomingRecord[] = [];
    const successor = await consume(topic, groupId, second);
    await until('10 again', () => second.length === 10);
    await successor.stop();
  });

  it('tries a failed batch again, and nothing of it is lost', async () => {
    const topic = await makeTopic();
    let failures = 0;
    const seen: string[] = [];
    const consumer = await createConsumer(kafka, {
      groupId: `g-${randomUUID()}`,
      topics: [topic],
      logger,
      handlers: {
        onBatch: ({ records }) => {
          if (failures < 3) {
            failures += 1;
            return Promise.reject(new Error('downstream is away'));
          }
          seen.push(...records.map(text));
          return Promise.resolve();
        },
      },
    });
    await producer.send([{ topic, key: 'k', value: bytes('once') }]);
    await until('the record', () => seen.length > 0);
    await consumer.stop();
    expect(failures).toBe(3);
    expect(seen).toEqual(['once']);
  });

  it('shares co-partitioned topics so that a partition number of all topics is at one member, and loses nothing in a rebalance', async () => {
    const [left, right] = [await makeTopic(), await makeTopic()];
    const groupId = `g-${randomUUID()}`;
    const owned: Map<string, ReadonlySet<string>>[] = [
      new Map<string, ReadonlySet<string>>(),
      new Map<string, ReadonlySet<string>>(),
    ];
    const seen = new Set<string>();
    const member = (index: number): Promise<RecordConsumer> =>
      createConsumer(kafka, {
        groupId,
        topics: [left, right],
        logger,
        handlers: {
          onAssigned: (assignment) => {
            owned[index] = new Map(
              [left, right].map((topic) => [
                topic,
                new Set(assignment.filter((one) => one.topic === topic).map((one) => String(one.partition))),
              ]),
            );
            return undefined;
          },
          onBatch: async ({ records }, control) => {
            for (const record of records) seen.add(`${record.topic} ${text(record)}`);
            await control.commit((records.at(-1)?.kafkaOffset ?? -1) + 1);
          },
        },
      });
    const first = await member(0);
    await producer.send([...numbered(left, 100), ...numbered(right, 100)]);
    const second = await member(1);
    await until('both to own something', () => owned.every((one) => (one.get(left)?.size ?? 0) === PARTITIONS / 2));
    for (const one of owned) expect(one.get(left)).toEqual(one.get(right));
    await producer.send([...numbered(left, 200).slice(100), ...numbered(right, 200).slice(100)]);
    await until('all 400', () => seen.size === 400);
    await first.stop();
    await until('the second to own all', () => owned[1]?.get(left)?.size === PARTITIONS);
    await producer.send(numbered(left, 210).slice(200));
    await until('the last 10', () => seen.size === 410);
    await second.stop();
  });
});

describe('readers', () => {
  it('a view shows the latest value per key, follows changes and deletes', async () => {
    const topic = await makeTopic({ 'cleanup.policy': 'compact' });
    await producer.send([
      { topic, key: 'a', value: bytes('1') },
      { topic, key: 'b', value: bytes('1') },
      { topic, key: 'a', value: bytes('2') },
    ]);
    const view = await createTopicView(kafka, { topic, logger, decode: text });
    await view.ready;
    expect(Object.fromEntries(view.entries())).toEqual({ a: '2', b: '1' });
    await producer.send([
      { topic, key: 'b', value: null },
      { topic, key: 'c', value: bytes('3') },
    ]);
    await until('c', () => view.get('c') === '3');
    await until('b to go', () => view.get('b') === undefined);
    await view.stop();
  });

  it('a view of an empty topic is ready', async () => {
    const view = await createTopicView(kafka, { topic: await makeTopic(), logger, decode: text });
    await view.ready;
    expect(view.size).toBe(0);
    await view.stop();
  });

  it('a reader of some partitions reads only these', async () => {
    const topic = await makeTopic();
    await producer.send(
      [0, 1, 2, 3].map((partition) => ({ topic, key: 'k', partition, value: bytes(String(partition)) })),
    );
    const seen: string[] = [];
    await readToEnd(kafka, {
      topics: [topic],
      partitions: [1, 3],
      logger,
      onRecord: (record) => seen.push(text(record)),
    });
    expect(seen.sort()).toEqual(['1', '3']);
  });

  it('a tail sees only what comes after it', async () => {
    const topic = await makeTopic();
    await producer.send([{ topic, key: 'k', value: bytes('before') }]);
    const seen: string[] = [];
    let fetched = false;
    const reader = await createReader(kafka, {
      topics: [topic],
      from: 'end',
      logger,
      onCaughtUp: () => {
        fetched = true;
      },
      onRecord: (record) => seen.push(text(record)),
    });
    await until('the reader to stand', () => fetched);
    // Its position is the end as of its first fetch: send until one arrives.
    for (let tries = 0; seen.length === 0 && tries < 50; tries += 1) {
      await producer.send([{ topic, key: 'k', value: bytes('after') }]);
      await sleep(200);
    }
    await reader.stop();
    expect(new Set(seen)).toEqual(new Set(['after']));
  });
});
