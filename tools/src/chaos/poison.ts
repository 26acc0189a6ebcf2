import {
  AudioFrame,
  ClockQuality,
  IngestError,
  IngestionServiceClient,
  PcmFormat,
  SensorFrame,
  topicName,
  type TopicId,
} from '@earshot/contracts';
import { credentials, Metadata } from '@grpc/grpc-js';
import type { RecordProducer } from '@earshot/platform/kafka';
import { connectAsync } from 'mqtt';
import type { StackStatus } from '../testing/own-stack.js';
import type { MadeSensor } from './sensors.js';
import { flacBomb, nanFloats, wavOf } from './poison-audio.js';

export interface PoisonContext {
  readonly status: StackStatus;
  readonly producer: RecordProducer;
  readonly namespace: string;
  readonly tenantId: string;
}

/** One thing that must not be sent, and what has to come of it. Each kind has a sensor of its own: its dead letters are told from the others'. */
export interface Poison {
  readonly name: string;
  /** Answers what the sender is told: a status, an error's name, or `stored` for a record put on a topic. */
  send(context: PoisonContext, sensor: MadeSensor, number: number): Promise<string>;
  readonly answer: string;
  /** Null: there is nothing to keep (nobody knows whose it is). */
  readonly letter: { readonly topic: TopicId; readonly stage: string; readonly reason: string } | null;
}

const FOUR_HOURS_BYTES = 4 * 3600 * 16_000 * 2;

/** A good frame, to be spoilt; `number` keeps frames of one kind apart. */
const goodFrame = (number: number, change: Partial<SensorFrame> = {}): SensorFrame => ({
  bootId: `poison-${number}`,
  sequence: 0,
  anchorTimeUs: (Date.now() - 1_000) * 1000,
  firstSampleIndex: 0,
  sampleRateHz: 16_000,
  sampleCount: 16_000,
  clockQuality: ClockQuality.CLOCK_QUALITY_SYNCHRONISED,
  body: { $case: 'pcm', value: { format: PcmFormat.PCM_FORMAT_S16LE, data: Buffer.alloc(32_000) } },
  ...change,
});

const uploads = (name: string, body: () => Buffer, answer: string, reason: string, tenant?: string): Poison => ({
  name,
  send: async ({ status, tenantId }, { sensorId, key }) => {
    const response = await fetch(`${status.apiUrl}/v1/sensors/${sensorId}/audio`, {
      method: 'POST',
      body: new Uint8Array(body()),
      headers: { authorization: `Bearer ${key}`, 'earshot-tenant': tenant ?? tenantId, 'content-type': 'audio/wav' },
    });
    await response.arrayBuffer();
    return String(response.status);
  },
  answer,
  letter: reason === '' ? null : { topic: 'audio', stage: 'ingestion', reason },
});

const streams = (name: string, spoil: (number: number) => SensorFrame, reason: string): Poison => ({
  name,
  send: ({ status, tenantId }, { sensorId, key }, number) =>
    new Promise((resolve, reject) => {
      const client = new IngestionServiceClient(status.grpcUrl, credentials.createInsecure());
      const metadata = new Metadata();
      metadata.set('authorization', `Bearer ${key}`);
      metadata.set('earshot-tenant', tenantId);
      metadata.set('earshot-sensor', sensorId);
      const call = client.streamAudio(metadata);
      let answer = 'no answer';
      call.on('data', ({ error }: { error: IngestError }) => (answer = IngestError[error]));
      call.on('error', reject);
      call.on('end', () => {
        client.close();
        resolve(answer);
      });
      call.write({ frame: spoil(number) });
      call.end();
    }),
  answer: reason === 'oversize' ? 'INGEST_ERROR_OVERSIZE' : 'INGEST_ERROR_BAD_AUDIO',
  letter: { topic: 'audio', stage: 'ingestion', reason },
});

const publishes = (name: string, payload: (number: number) => Buffer, reason: string): Poison => ({
  name,
  send: async ({ status, tenantId }, { sensorId, key }, number) => {
    const client = await connectAsync(status.mqttUrl, {
      username: `${tenantId}/${sensorId}`,
      password: key,
      reconnectPeriod: 0,
    });
    // Acknowledged all the same, or the sensor would send it for ever; an errors topic tells of it.
    await client.publishAsync(`earshot/${tenantId}/${sensorId}/frames`, payload(number), { qos: 1 });
    await client.endAsync();
    return 'PUBACK';
  },
  answer: 'PUBACK',
  letter: { topic: 'audio', stage: 'ingestion', reason },
});

const writes = (
  name: string,
  [topic, stage, reason]: readonly [TopicId, string, string],
  value: (sensor: MadeSensor, tenantId: string, number: number) => Uint8Array,
): Poison => ({
  name,
  send: async ({ producer, namespace, tenantId }, sensor, number) => {
    const record = { key: `${tenantId}/${sensor.sensorId}`, value: value(sensor, tenantId, number) };
    await producer.send([{ topic: topicName(topic, namespace), ...record }]);
    return 'stored';
  },
  answer: 'stored',
  letter: { topic, stage, reason },
});

const audioFrame = (
  sensorId: string,
  tenantId: string,
  number: number,
  change: Partial<SensorFrame> = {},
): Uint8Array =>
  AudioFrame.encode({ ...goodFrame(number, change), tenantId, sensorId, receivedTimeUs: Date.now() * 1000 }).finish();

/** Bytes that no protobuf decoder takes: field 1, length-delimited, longer than what follows. */
const garbage = (): Buffer => Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3, 0xff]);
const flac = (data: Buffer): SensorFrame['body'] => ({ $case: 'flac', value: { data } });
const floats = (): SensorFrame['body'] => ({
  $case: 'pcm',
  value: { format: PcmFormat.PCM_FORMAT_F32LE, data: nanFloats(16_000) },
});

export const poisons: readonly Poison[] = [
  uploads('upload-empty', () => Buffer.alloc(0), '422', 'invalid'),
  uploads('upload-text', () => Buffer.from('This is not sound.'), '422', 'undecodable'),
  uploads('upload-flac-truncated', () => flacBomb(4).subarray(0, -9), '422', 'undecodable'),
  uploads('upload-wav-four-hours', () => wavOf(Buffer.alloc(10), { claimed: FOUR_HOURS_BYTES }), '422', 'undecodable'),
  uploads('upload-bomb', () => flacBomb(20_000), '422', 'oversize'),
  uploads('upload-nan', () => wavOf(nanFloats(16_000), { tag: 3 }), '422', 'invalid'),
  uploads('upload-0-hz', () => wavOf(Buffer.alloc(3200), { rateHz: 0 }), '422', 'invalid'),
  uploads('upload-1-ghz', () => wavOf(Buffer.alloc(3200), { rateHz: 1e9 }), '422', 'invalid'),
  uploads('upload-no-samples', () => wavOf(Buffer.alloc(0)), '422', 'invalid'),
  uploads('upload-wrong-tenant', () => wavOf(Buffer.alloc(3200)), '404', '', 'someone-else'),
  streams('stream-1970', (number) => goodFrame(number, { anchorTimeUs: 1 }), 'invalid'),
  streams('stream-2100', (number) => goodFrame(number, { anchorTimeUs: Date.UTC(2100, 0, 1) * 1000 }), 'invalid'),
  streams('stream-nan', (number) => goodFrame(number, { body: floats() }), 'invalid'),
  streams('stream-no-samples', (number) => goodFrame(number, { sampleCount: 0 }), 'invalid'),
  streams('stream-0-hz', (number) => goodFrame(number, { sampleRateHz: 0 }), 'invalid'),
  streams('stream-1-ghz', (number) => goodFrame(number, { sampleRateHz: 1e9 }), 'invalid'),
  streams('stream-no-body', (number) => ({ ...goodFrame(number), body: undefined }), 'invalid'),
  publishes('publish-garbage', garbage, 'undecodable'),
  publishes('publish-nothing', () => Buffer.alloc(0), 'invalid'),
  publishes(
    'publish-cut-frame',
    (number) => Buffer.from(SensorFrame.encode(goodFrame(number)).finish()).subarray(0, 900),
    'undecodable',
  ),
  writes('record-garbage', ['audio', 'feature-extraction', 'undecodable'], garbage),
  writes('record-wrong-tenant', ['audio', 'feature-extraction', 'invalid'], ({ sensorId }, _tenant, number) =>
    audioFrame(sensorId, 'someone-else', number),
  ),
  writes('record-nan', ['audio', 'feature-extraction', 'invalid'], ({ sensorId }, tenantId, number) =>
    audioFrame(sensorId, tenantId, number, { body: floats() }),
  ),
  writes('record-flac-truncated', ['audio', 'feature-extraction', 'invalid'], ({ sensorId }, tenantId, number) =>
    audioFrame(sensorId, tenantId, number, { sampleCount: 65_535, body: flac(flacBomb(1).subarray(0, -3)) }),
  ),
  writes('record-bomb', ['audio', 'feature-extraction', 'invalid'], ({ sensorId }, tenantId, number) =>
    audioFrame(sensorId, tenantId, number, { sampleCount: 64_000, body: flac(flacBomb(20_000)) }),
  ),
  writes('record-0-hz', ['audio', 'feature-extraction', 'invalid'], ({ sensorId }, tenantId, number) =>
    audioFrame(sensorId, tenantId, number, { sampleRateHz: 0 }),
  ),
  writes('features-garbage', ['features', 'classification', 'undecodable'], garbage),
  writes('levels-garbage', ['levels', 'alerting', 'undecodable'], garbage),
  writes('classifications-garbage', ['classifications', 'sink', 'undecodable'], garbage),
  writes('activity-garbage', ['activity', 'event-detection', 'undecodable'], garbage),
  writes('events-garbage', ['events', 'alerting', 'undecodable'], garbage),
  writes('anomalies-garbage', ['anomalies', 'sink', 'undecodable'], garbage),
];
