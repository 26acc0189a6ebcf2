import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IngestError, IngestionServiceClient, topicName } from '@earshot/contracts';
import { encodeWav16 } from '@earshot/platform/audio';
import { credentials, Metadata } from '@grpc/grpc-js';
import kafkajs from 'kafkajs';
import { sensorFrame } from '../test-support/frames.js';
import { startHarness, TENANT, type Harness } from '../test-support/harness.js';

const KEY = 'sk_test-key';
let harness: Harness;
let admin: kafkajs.Admin;

beforeAll(async () => {
  harness = await startHarness({ MAX_LAG_S: '2', SENSOR_RATE: '2', SENSOR_BURST_S: '10' });
  for (const id of ['calm', 'fast', 'late', 'http', 'grpc']) await harness.putSensor(id, KEY);
  const brokers = [...harness.brokers];
  admin = new kafkajs.Kafka({ clientId: 'admission', brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
}, 120_000);

afterAll(async () => {
  await admin.disconnect();
  await harness.close();
}, 60_000);

interface Answer {
  readonly sequence: number;
  readonly error: IngestError;
  readonly message: string;
  readonly retryAfterMs: number;
}

/** Frames of one second that end `ageS` ago. */
const stream = async (sensorId: string, count: number, ageS = 0): Promise<readonly Answer[]> => {
  const client = new IngestionServiceClient(harness.grpcAddress, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${KEY}`);
  metadata.set('earshot-tenant', TENANT);
  metadata.set('earshot-sensor', sensorId);
  const call = client.streamAudio(metadata);
  const answers: Answer[] = [];
  const ended = new Promise<void>((resolve) => call.on('status', () => resolve()));
  call.on('data', (answer: Answer) => answers.push(answer)).on('error', () => undefined);
  const anchorTimeUs = (Date.now() - (count + ageS) * 1000) * 1000;
  for (let sequence = 0; sequence < count; sequence++) call.write({ frame: sensorFrame({ sequence, anchorTimeUs }) });
  call.end();
  await ended;
  client.close();
  return answers;
};

const wav = encodeWav16(
  Float32Array.from({ length: 16_000 }, (_, i) => 0.25 * Math.sin(i / 5)),
  8000,
);

const upload = async () => {
  const response = await fetch(`${harness.httpUrl}/v1/sensors/http/audio`, {
    method: 'POST',
    body: Buffer.from(wav),
    headers: { authorization: `Bearer ${KEY}`, 'earshot-tenant': TENANT, 'content-type': 'audio/wav' },
  });
  const body = (await response.json()) as { error?: { code: string; message: string } };
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body };
};

type Place = 'beginning' | 'end';

const placesOf = async (place: Place) => {
  const topic = topicName('audio', harness.namespace);
  const edges = await admin.fetchTopicOffsets(topic);
  return edges.map(({ partition, high }) => ({ topic, partition, offset: place === 'end' ? high : '0' }));
};
const groupId = (): string => `${harness.namespace}.feature-extraction`;

/** A member of the group of feature extraction that has read as far as it is told. */
const openReader = async () => {
  const brokers = [...harness.brokers];
  const client = new kafkajs.Kafka({ clientId: 'admission', brokers, logLevel: kafkajs.logLevel.NOTHING });
  const consumer = client.consumer({ groupId: groupId() });
  await consumer.connect();
  await consumer.subscribe({ topics: [topicName('audio', harness.namespace)] });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
  await joined;
  return {
    standAt: async (place: Place): Promise<void> => consumer.commitOffsets(await placesOf(place)),
    close: () => consumer.disconnect(),
  };
};

const untilStatus = async (wanted: number) => {
  for (let tries = 0; tries < 60; tries++) {
    const answer = await upload();
    if (answer.status === wanted) return answer;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`no ${wanted} within 30 s`);
};

describe('lanes', () => {
  it('a sensor above its rate takes the slow lane, one beside it does not, and no frame is lost', async () => {
    const [fast, calm] = await Promise.all([stream('fast', 100), stream('calm', 5)]);
    expect([...fast, ...calm].every(({ error }) => error === IngestError.INGEST_ERROR_UNSPECIFIED)).toBe(true);
    expect((await harness.frames('fast', 100)).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 100 }, (_, sequence) => sequence),
    );
    expect(harness.slowFramesNow('fast')).toBeGreaterThan(70);
    await harness.frames('calm', 5);
    expect(harness.slowFramesNow('calm')).toBe(0);
  });

  it('old sound takes the slow lane', async () => {
    await stream('late', 5, 3_600);
    await harness.frames('late', 5);
    expect(harness.slowFramesNow('late')).toBe(5);
  });
});

describe('a stage that lags', () => {
  it('is not asked for more until it has caught up: 429 with a time, no acknowledgement of a stream', async () => {
    expect((await upload()).status).toBe(202);
    // Nobody runs it: that is no overload, and sound is taken.
    const topic = topicName('audio', harness.namespace);
    await admin.setOffsets({ groupId: groupId(), topic, partitions: await placesOf('beginning') });
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect((await upload()).status).toBe(202);

    const reader = await openReader();
    await reader.standAt('beginning');
    const refused = await untilStatus(429);
    expect(refused.retryAfter).toBe('2');
    expect(refused.body.error?.code).toBe('overloaded');
    expect(refused.body.error?.message).toMatch(/feature-extraction is more than 2 s behind on .*audio\.v1/);

    const [answer] = await stream('grpc', 1);
    expect(answer).toMatchObject({ error: IngestError.INGEST_ERROR_OVERLOADED, retryAfterMs: 2000 });
    expect(harness.framesNow('grpc')).toHaveLength(0);

    // What is held goes on in order as soon as there is room.
    const held = stream('grpc', 8);
    await reader.standAt('end');
    expect((await held).map(({ sequence, error }) => [sequence, error])).toEqual(
      Array.from({ length: 8 }, (_, sequence) => [sequence, IngestError.INGEST_ERROR_UNSPECIFIED]),
    );
    expect((await harness.frames('grpc', 8)).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    await reader.standAt('end');
    expect((await untilStatus(202)).status).toBe(202);
    await reader.close();
  }, 120_000);
});
