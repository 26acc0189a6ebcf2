import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { createLogger } from '../telemetry/index.js';
import { createKafka, readRange, type RangeEnd } from './index.js';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const logger = createLogger('kafka-range', 'error');
const kafka = createKafka({ brokers, clientId: 'range', logger });
const raw = new kafkajs.Kafka({ clientId: 'range-test', brokers, logLevel: kafkajs.logLevel.NOTHING });
const admin = raw.admin();
const producer = raw.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });

const T0_MS = Date.now() - 3_600_000;
const KEYS = ['t/a', 't/b', 't/c', 't/d', 't/e'];

/** One record a second and key for 120 s, 1 kB each, in batches of 10 s. */
const filledTopic = async (): Promise<string> => {
  const topic = `range-${randomUUID()}`;
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 4, replicationFactor: 1 }] });
  for (let from = 0; from < 120; from += 10) {
    const messages = Array.from({ length: 10 }, (_, i) => from + i).flatMap((second) =>
      KEYS.map((key) => ({
        key,
        value: Buffer.concat([Buffer.from(`${key} ${second} `), Buffer.alloc(1_000)]),
        timestamp: String(T0_MS + second * 1_000),
      })),
    );
    await producer.send({ topic, messages, acks: -1 });
  }
  return topic;
};

const secondsOf = async (
  topics: readonly string[],
  fromS: number,
  toS: number,
  options: { readonly maxBytes?: number; readonly enoughAtS?: number } = {},
): Promise<{ readonly seen: readonly number[]; readonly end: RangeEnd }> => {
  const seen: number[] = [];
  const end = await readRange(kafka, {
    topics,
    key: 't/b',
    fromMs: T0_MS + fromS * 1_000,
    toMs: T0_MS + toS * 1_000,
    maxBytes: options.maxBytes ?? 10_000_000,
    timeoutMs: 60_000,
    logger,
    onRecord: ({ key, value }) => {
      const [of, second] = Buffer.from(value ?? [])
        .toString()
        .split(' ');
      expect([key, of]).toEqual(['t/b', 't/b']);
      seen.push(Number(second));
      return Number(second) === options.enoughAtS ? 'enough' : 'more';
    },
  });
  return { seen, end };
};

const secondsFrom = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('readRange', () => {
  let topic: string;
  beforeAll(async () => {
    await Promise.all([admin.connect(), producer.connect()]);
    topic = await filledTopic();
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  it('gives one key of a span of time, both ends included', async () => {
    expect(await secondsOf([topic], 33, 47)).toEqual({ seen: secondsFrom(33, 47), end: 'whole' });
  });

  it('ends at the end of the topic, and at once behind it or before anything stood there', async () => {
    expect(await secondsOf([topic], 115, 500)).toEqual({ seen: secondsFrom(115, 119), end: 'whole' });
    expect(await secondsOf([topic], 200, 300)).toEqual({ seen: [], end: 'whole' });
    expect(await secondsOf([topic], -300, -200)).toEqual({ seen: [], end: 'whole' });
  });

  it('ends when it has enough', async () => {
    expect(await secondsOf([topic], 10, 100, { enoughAtS: 15 })).toEqual({ seen: secondsFrom(10, 15), end: 'whole' });
  });

  it('ends at its limit of bytes and says so', async () => {
    const { seen, end } = await secondsOf([topic], 0, 119, { maxBytes: 30_000 });
    expect(end).toBe('bytes');
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(40);
  });

  it('reads several topics at once', async () => {
    const other = await filledTopic();
    const { seen, end } = await secondsOf([topic, other], 20, 24);
    expect(end).toBe('whole');
    expect([...seen].sort((a, b) => a - b)).toEqual(secondsFrom(20, 24).flatMap((second) => [second, second]));
  });
});
