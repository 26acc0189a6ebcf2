import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topicName } from '@earshot/contracts';
import { createKafka, createProducer, readToEnd, type IncomingRecord, type RecordProducer } from '../kafka/index.js';
import { deadLetter, dlqHeaders } from '../stage-runner/index.js';
import { createLogger } from '../telemetry/index.js';
import kafkajs from 'kafkajs';
import { findLetters, letterTopics, notReplayable, toReplay } from './letters.js';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const logger = createLogger('dlq-test', 'fatal');
const kafka = createKafka({ brokers, clientId: 'dlq-test', logger });
const admin = new kafkajs.Kafka({ clientId: 'dlq-admin', brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
const namespace = `t-${randomUUID().slice(0, 8)}`;
const audio = topicName('audio', namespace);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const recordAt = (kafkaOffset: number, headers: Readonly<Record<string, string>> = {}): IncomingRecord => ({
  topic: audio,
  partition: 3,
  kafkaOffset,
  key: 'demo/gate-1',
  value: bytes(`record ${kafkaOffset}`),
  headers,
  timestampMs: 0,
});

let producer: RecordProducer;

beforeAll(async () => {
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: [audio, ...letterTopics(namespace)].map((topic) => ({ topic, numPartitions: 2, replicationFactor: 1 })),
  });
  producer = await createProducer(kafka);
  await producer.send([
    deadLetter(recordAt(7, { 'x-own': 'kept' }), 'feature-extraction', 'undecodable', 'not an AudioFrame'),
    deadLetter(recordAt(8), 'feature-extraction', 'invalid', 'sample rate 0 Hz'),
    {
      topic: `${topicName('levels', namespace)}.dlq`,
      key: 'other/s1',
      value: bytes('a,b'),
      headers: {
        [dlqHeaders.reason]: 'invalid',
        [dlqHeaders.cause]: 'no column laeq',
        [dlqHeaders.stage]: 'ingestion',
        [dlqHeaders.topic]: topicName('levels', namespace),
        [dlqHeaders.attempt]: '1',
        'earshot-dlq-content': 'text/csv',
      },
    },
  ]);
});

afterAll(async () => {
  await producer.close();
  await admin.disconnect();
});

const find = (filter = {}, most = 100) => findLetters(kafka, logger, namespace, filter, most);

describe('dead letters', () => {
  it('tell what, where from and why', async () => {
    const { found, total } = await find({ topic: 'audio.v1' });
    expect(total).toBe(2);
    expect(found.map(({ letter }) => letter).sort((a, b) => a.cause.localeCompare(b.cause))[0]).toMatchObject({
      topic: audio,
      key: 'demo/gate-1',
      stage: 'feature-extraction',
      reason: 'undecodable',
      cause: 'not an AudioFrame',
      attempt: 1,
      origin: { partition: 3, kafkaOffset: 7 },
      bytes: 8,
      content: null,
    });
  });

  it.each([
    [{}, 3],
    [{ reason: 'invalid' }, 2],
    [{ reason: 'invalid', stage: 'ingestion' }, 1],
    [{ key: 'demo' }, 2],
    [{ key: 'demo/gate-1', reason: 'undecodable' }, 1],
    [{ key: 'dem' }, 0],
    [{ topic: topicName('levels', namespace) }, 1],
  ])('of %j are %d', async (filter, count) => {
    const { found, total } = await find(filter);
    expect([found.length, total]).toEqual([count, count]);
  });

  it('are counted beyond the most that are held', async () => {
    const { found, total } = await find({}, 1);
    expect([found.length, total]).toEqual([1, 3]);
  });

  it('go back as they were, and say the next time how often they came', async () => {
    const { found } = await find({ reason: 'undecodable' });
    const [one] = found;
    if (one === undefined) throw new Error('no letter');
    expect(notReplayable(one.letter)).toBeNull();
    await producer.send([toReplay(one)]);
    const back: IncomingRecord[] = [];
    await readToEnd(kafka, { topics: [audio], logger, onRecord: (record) => back.push(record) });
    expect(back).toHaveLength(1);
    expect(back[0]).toMatchObject({ key: 'demo/gate-1', headers: { 'x-own': 'kept', [dlqHeaders.attempt]: '1' } });
    expect(new TextDecoder().decode(back[0]?.value ?? undefined)).toBe('record 7');
    const again = deadLetter(back[0] as IncomingRecord, 'feature-extraction', 'undecodable', 'still not');
    expect(again.headers?.[dlqHeaders.attempt]).toBe('2');
  });

  it('of a door never were records', async () => {
    const { found } = await find({ stage: 'ingestion' });
    expect(found.map(({ letter }) => notReplayable(letter))).toEqual([expect.stringContaining('text/csv')]);
  });
});
