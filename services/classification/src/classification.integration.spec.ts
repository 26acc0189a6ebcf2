import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  Classification,
  ClassificationServiceClient,
  dlqName,
  LogMelFrame,
  SoundLevels,
  topicName,
} from '@earshot/contracts';
import { canonicalFrontEnd, type InstalledModel, type SoundActivity } from '@earshot/core/classification';
import { encodeWav16 } from '@earshot/platform/audio';
import { createRealFft } from '@earshot/platform/fft';
import { callUnary, createGrpcClient, grpcStatus, startGrpcServer } from '@earshot/platform/grpc';
import {
  createKafka,
  createProducer,
  ensureTopics,
  readToEnd,
  retryForever,
  type IncomingRecord,
  type RecordProducer,
} from '@earshot/platform/kafka';
import {
  createClassifier,
  createSequence,
  loadBundleFor,
  type ClassifierBundle,
  type SequenceBundle,
} from '@earshot/platform/onnx';
import { decodeActivity } from '@earshot/platform/records';
import { StageRunner } from '@earshot/platform/stage-runner';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { classificationService } from './classify-clip.js';
import { createPipeline } from './pipeline.js';

jest.setTimeout(120_000);

const TESTDATA = join(import.meta.dirname, '../../../libs/platform/src/onnx/testdata');
const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const namespace = `t-${randomBytes(4).toString('hex')}`;
const logger = createLogger('classification-test', 'error');
const kafka = createKafka({ brokers, clientId: 'classification-test', logger });
const T0 = 1_700_000_000_000_000;

let bundle: ClassifierBundle;
let sequence: SequenceBundle;
let producer: RecordProducer;
beforeAll(async () => {
  bundle = await loadBundleFor('audio-classification', join(TESTDATA, 'tiny'));
  sequence = await loadBundleFor('audio-event-detection', join(TESTDATA, 'sequence'));
  await ensureTopics({ brokers, namespace, partitions: 2 });
  producer = await createProducer(kafka);
});
afterAll(async () => {
  await producer.close();
  await Promise.all([bundle.network.close(), sequence.network.close()]);
});

const records = async (topic: string): Promise<readonly IncomingRecord[]> => {
  const all: IncomingRecord[] = [];
  // A topic just made may not have its leader yet.
  await retryForever(
    topic,
    logger,
    () => false,
    async () => {
      all.length = 0;
      await readToEnd(kafka, { topics: [topic], logger, onRecord: (record) => all.push(record) });
    },
  );
  return all;
};
const classificationsOf = async (sensorId: string): Promise<readonly Classification[]> =>
  (await records(topicName('classifications', namespace)))
    .map(({ value }) => Classification.decode(value ?? new Uint8Array()))
    .filter((each) => each.sensorId === sensorId);
const activityOf = async (sensorId: string): Promise<readonly SoundActivity[]> =>
  (await records(topicName('activity', namespace))).flatMap((record) => {
    const decoded = decodeActivity(record);
    if (decoded.kind === 'dlq') throw new Error(decoded.cause);
    return decoded.input.sensorId === sensorId ? [decoded.input] : [];
  });
const until = async <T>(what: string, count: number, probe: () => Promise<readonly T[]>): Promise<readonly T[]> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await probe();
    if (found.length >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what} did not come`);
};

/** Second k completes 47 frames, then 50 each. */
const features = (sensorId: string, second: number, change: Parameters<typeof LogMelFrame.fromPartial>[0] = {}) => {
  const firstFrameIndex = second === 0 ? 0 : 50 * second - 3;
  const frameCount = second === 0 ? 47 : 50;
  const message = LogMelFrame.fromPartial({
    tenantId: 'demo',
    sensorId,
    bootId: 'b1',
    secondIndex: second,
    timeUs: T0 + firstFrameIndex * 20_000,
    frontEndId: canonicalFrontEnd.id,
    firstFrameIndex,
    frameCount,
    melBands: 64,
    logMel: Buffer.alloc(frameCount * 64, 40 + 10 * second + (sensorId === 'loud' ? 60 : 0)),
    levels: SoundLevels.fromPartial({ laeqDb: -30 - second }),
    ...change,
  });
  return {
    topic: topicName('features', namespace),
    key: `demo/${sensorId}`,
    value: LogMelFrame.encode(message).finish(),
  };
};

const start = async (): Promise<{ stop(): Promise<void> }> => {
  const own = await createProducer(kafka);
  const models: readonly InstalledModel[] = [createClassifier(bundle), createSequence(sequence)];
  const keyOf = ({ spec }: InstalledModel) => `${spec.modelId}@${spec.modelVersion}`;
  const definition = createPipeline(namespace, {
    rolesOf: (task) =>
      models
        .filter(({ spec }) => spec.task === task)
        .map((model) => ({ effectiveFromUs: 0, live: keyOf(model), shadow: [] })),
    model: (key) => models.find((model) => keyOf(model) === key),
  });
  const runner = new StageRunner(definition, {
    kafka,
    producer: own,
    namespace,
    logger,
    registry: createRegistry('classification'),
  });
  await runner.start();
  return {
    stop: async () => {
      await runner.stop();
      await own.close();
    },
  };
};

describe('classification on a real broker', () => {
  it('classifies the streams of all sensors and goes on where it was after a restart', async () => {
    const sensors = ['quiet', 'loud'];
    const first = await start();
    await producer.send([0, 1, 2, 3].flatMap((second) => sensors.map((sensor) => features(sensor, second))));
    await until('Windows of the first seconds', 4, () => classificationsOf('loud'));
    await first.stop();

    const second = await start();
    const broken = { frameCount: 0, logMel: Buffer.alloc(0), discontinuity: true, timeUs: T0 + 6_000_000 };
    await producer.send([
      ...[4, 5].flatMap((at) => sensors.map((sensor) => features(sensor, at))),
      ...sensors.map((sensor) => features(sensor, 6, broken)),
      features('foreign', 0, { frontEndId: 'logmel-8k' }),
    ]);
    for (const sensor of sensors) {
      const found = await until(`Break of ${sensor}`, 9, () => classificationsOf(sensor));
      expect(found.map(({ timeUs, discontinuity }) => [(timeUs - T0) / 1e6, discontinuity])).toEqual([
        ...[0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5].map((startS) => [startS, false]),
        [6, true],
      ]);
      expect(new Set(found.map(({ id }) => id)).size).toBe(9);
      // Each second is louder than the one before, in all bands alike.
      const low = found.slice(0, 8).map(({ classes }) => classes[0]?.probability ?? NaN);
      expect(low).toEqual([...low].sort((a, b) => a - b));
      expect(found[0]?.laeqDb).toBe(-32);
      expect(found[8]?.classes).toEqual([]);
      // 297 frames: five whole blocks, of which the last waits for what is after it, and nine whole steps at the break.
      const told = await until(`Break of the steps of ${sensor}`, 7, () => activityOf(sensor));
      expect(told.map(({ timeUs, steps, discontinuity }) => [(timeUs - T0) / 1e6, steps, discontinuity])).toEqual([
        ...[0, 1, 2, 3, 4].map((startS) => [startS, 10, false]),
        [5, 9, false],
        [6, 0, true],
      ]);
      expect(told.map(({ laeqDb }) => laeqDb)).toEqual([-30, -31, -32, -33, -34, -35, null]);
    }
    const dead = await until('The dead letter', 1, () => records(dlqName(topicName('features', namespace))));
    expect(dead.map(({ key }) => key)).toEqual(['demo/foreign']);
    await second.stop();
  });
});

describe('Classify over gRPC', () => {
  it('answers a clip, and says what is wrong with another', async () => {
    const model = createClassifier(bundle);
    const clips = { live: () => model, fft: await createRealFft(1024) };
    const server = await startGrpcServer({
      host: '127.0.0.1',
      port: 0,
      services: [classificationService(clips)],
      logger,
    });
    const client = createGrpcClient(ClassificationServiceClient, `127.0.0.1:${server.port}`);
    const classify = (audio: Buffer) =>
      callUnary(client, (each) => each.classify, { audio, channel: 0 }, { deadlineMs: 20_000 });
    const tone = Float32Array.from({ length: 48_000 }, (_, i) => 0.5 * Math.sin(i / 5));
    const answer = await classify(Buffer.from(encodeWav16(tone, 16_000)));
    expect(answer).toMatchObject({ modelId: 'tiny', durationS: 3, windows: [{ startS: 0 }, { startS: 0.5 }] });
    await expect(classify(Buffer.from('ID3'))).rejects.toMatchObject({ code: grpcStatus.INVALID_ARGUMENT });
    client.close();
    await server.stop();
  });
});
