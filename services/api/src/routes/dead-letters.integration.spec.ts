import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { topicName } from '@earshot/contracts';
import { letterTopics } from '@earshot/platform/dlq';
import {
  createKafka,
  createProducer,
  readToEnd,
  type IncomingRecord,
  type RecordProducer,
} from '@earshot/platform/kafka';
import { deadLetter, dlqHeaders } from '@earshot/platform/stage-runner';
import { createLogger } from '@earshot/platform/telemetry';
import kafkajs from 'kafkajs';

import { endpoints } from '../endpoints.js';
import { createTestDatabase, type TestDatabase } from '../testing/database.js';
import { ask, checked } from '../testing/http.js';
import { startPeers, type Peers } from '../testing/peers.js';
import { startApi, testKeys, type RunningApi } from '../testing/start-api.js';

jest.setTimeout(60_000);

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const logger = createLogger('test', 'fatal');
const kafka = createKafka({ brokers, clientId: 'api-dlq', logger });
const admin = new kafkajs.Kafka({ clientId: 'dlq-admin', brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
const namespace = `t-${randomUUID().slice(0, 8)}`;
const audio = topicName('audio', namespace);

let database: TestDatabase;
let peers: Peers;
let api: RunningApi;
let producer: RecordProducer;

const recordOf = (key: string): IncomingRecord => ({
  topic: audio,
  partition: 1,
  kafkaOffset: 41,
  key,
  value: new TextEncoder().encode(key),
  headers: {},
  timestampMs: 0,
});

beforeAll(async () => {
  database = await createTestDatabase();
  peers = await startPeers(Date.now() * 1000);
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: [audio, ...letterTopics(namespace)].map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1 })),
  });
  producer = await createProducer(kafka);
  await producer.send([
    deadLetter(recordOf('t1/s1'), 'feature-extraction', 'undecodable', 'not an AudioFrame'),
    deadLetter(recordOf('t2/s1'), 'feature-extraction', 'invalid', 'of somebody else'),
    {
      topic: `${audio}.dlq`,
      key: 't1/s2',
      value: new Uint8Array([1, 2, 3]),
      headers: { [dlqHeaders.reason]: 'oversize', [dlqHeaders.stage]: 'ingestion', [dlqHeaders.topic]: audio },
    },
  ]);
  api = await startApi({
    clickhouse: database.clickhouse,
    peersUrl: peers.url,
    ingestionUrl: 'http://127.0.0.1:1',
    kafka,
    namespace,
  });
});

afterAll(async () => {
  await api.stop();
  await producer.close();
  await admin.disconnect();
  await peers.stop();
  await database.drop();
});

const list = async (query = '') =>
  checked(endpoints.listDeadLetters.response, await ask(api.url, `/v1/dead-letters${query}`)).items;

describe('dead letters', () => {
  it('are those of the tenant, filtered', async () => {
    expect((await list()).map(({ sensorId }) => sensorId).sort()).toEqual(['s1', 's2']);
    expect(await list('?reason=undecodable')).toMatchObject([
      { sensorId: 's1', topic: audio, stage: 'feature-extraction', cause: 'not an AudioFrame', replayable: true },
    ]);
    expect(await list('?sensorId=s2&stage=ingestion')).toMatchObject([{ origin: null, replayable: false }]);
    expect(await list('?topic=levels.v1')).toEqual([]);
    const wrong = await ask(api.url, '/v1/dead-letters?reason=bad');
    expect(wrong.status).toBe(400);
  });

  it('are shown with their bytes and put back; not by a reader, not those of others or of a door', async () => {
    const [one] = await list('?reason=undecodable');
    const whole = checked(endpoints.getDeadLetter.response, await ask(api.url, `/v1/dead-letters/${one?.id}`));
    expect(Buffer.from(whole.valueBase64, 'base64').toString()).toBe('t1/s1');

    const replay = (id: string | undefined, key?: string) =>
      ask(api.url, `/v1/dead-letters/${id}/replay`, { method: 'POST', ...(key === undefined ? {} : { key }) });
    expect((await replay(one?.id, testKeys.reader)).status).toBe(403);
    expect((await replay(one?.id, testKeys.stranger)).status).toBe(404);
    expect((await replay(`${audio}.dlq/0/999`)).status).toBe(404);
    const [refused] = await list('?stage=ingestion');
    expect((await replay(refused?.id)).status).toBe(409);

    const done = await replay(one?.id);
    expect(done.status).toBe(202);
    expect(checked(endpoints.replayDeadLetter.response, done)).toEqual({ id: one?.id, topic: audio });
    const back: IncomingRecord[] = [];
    await readToEnd(kafka, { topics: [audio], logger, onRecord: (record) => back.push(record) });
    expect(back.map(({ key }) => key)).toEqual(['t1/s1']);
  });
});
