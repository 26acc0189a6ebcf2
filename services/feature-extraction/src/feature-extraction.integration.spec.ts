import { randomBytes } from 'node:crypto';
import { AudioFrame, Calibration, LogMelFrame, PcmFormat, SoundLevels, topicName } from '@earshot/contracts';
import { analyseSignal } from '@earshot/core/features';
import { decodePcm } from '@earshot/core/levels';
import { loadConfig } from '@earshot/nest/config';
import { createRealFft } from '@earshot/platform/fft';
import {
  createKafka,
  createProducer,
  ensureTopics,
  readToEnd,
  type IncomingRecord,
  type RecordProducer,
} from '@earshot/platform/kafka';
import { dlqHeaders, StageRunner } from '@earshot/platform/stage-runner';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createCalibrations } from './calibrations.js';
import { featureExtractionConfig } from './config.js';
import { createPipeline } from './pipeline.js';

jest.setTimeout(180_000);

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const namespace = `t-${randomBytes(4).toString('hex')}`;
const logger = createLogger('feature-extraction-test', 'error');
const kafka = createKafka({ brokers, clientId: 'feature-extraction-test', logger });
const settings = loadConfig(featureExtractionConfig, { HEALTH_PORT: '0' });
const ANCHOR_US = 1_700_000_000_000_000;
const RATE_HZ = 22_050;
const FRAME = 9000;
const SECONDS = 8;

/** A tone that swells, 16 bit. */
const bytes = Buffer.alloc(2 * RATE_HZ * SECONDS);
for (let n = 0; n < RATE_HZ * SECONDS; n++) {
  bytes.writeInt16LE(Math.round(20_000 * Math.sin(n / 9) * Math.sin(n / 50_000)), 2 * n);
}

let producer: RecordProducer;
beforeAll(async () => {
  await ensureTopics({ brokers, namespace, partitions: 2 });
  producer = await createProducer(kafka);
});
afterAll(() => producer.close());

const readAll = async (topic: string): Promise<readonly IncomingRecord[]> => {
  const all: IncomingRecord[] = [];
  await readToEnd(kafka, { topics: [topic], logger, onRecord: (record) => all.push(record) });
  return all;
};
const levelsOf = async (sensorId: string): Promise<readonly SoundLevels[]> =>
  (await readAll(topicName('levels', namespace)))
    .map(({ value }) => SoundLevels.decode(value ?? new Uint8Array()))
    .filter((levels) => levels.sensorId === sensorId);
const featuresOf = async (sensorId: string): Promise<readonly LogMelFrame[]> =>
  (await readAll(topicName('features', namespace)))
    .map(({ value }) => LogMelFrame.decode(value ?? new Uint8Array()))
    .filter((features) => features.sensorId === sensorId);
const until = async <T>(what: string, probe: () => Promise<T | undefined>): Promise<T> => {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await probe();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what} did not come`);
};

const frame = (sensorId: string, sequence: number, change: Partial<AudioFrame> = {}): AudioFrame => {
  const first = sequence * FRAME;
  const data = bytes.subarray(2 * first, 2 * (first + FRAME));
  return AudioFrame.fromPartial({
    tenantId: 'demo',
    sensorId,
    bootId: 'b1',
    sequence,
    anchorTimeUs: ANCHOR_US,
    firstSampleIndex: first,
    sampleRateHz: RATE_HZ,
    sampleCount: data.length / 2,
    receivedTimeUs: ANCHOR_US,
    body: { $case: 'pcm', value: { format: PcmFormat.PCM_FORMAT_S16LE, data } },
    ...change,
  });
};
const send = (frames: readonly AudioFrame[]): Promise<void> =>
  producer.send(
    frames.map((one) => ({
      topic: topicName('audio', namespace),
      key: `${one.tenantId}/${one.sensorId}`,
      value: AudioFrame.encode(one).finish(),
    })),
  );

const calibrations = createCalibrations();
calibrations.put(
  Calibration.fromPartial({
    tenantId: 'demo',
    sensorId: 'yard',
    calibrationId: 'yard.1',
    version: 1,
    fullScaleDb: 120,
  }),
);

const start = async (): Promise<{ stop(): Promise<void> }> => {
  const own = await createProducer(kafka);
  const definition = createPipeline(namespace, settings, {
    fft: await createRealFft(1024),
    longFft: await createRealFft(8192),
    calibrationAt: (sensor, timeUs) => calibrations.at(sensor, timeUs),
    machineAt: () => null,
    viewsReady: Promise.resolve(),
  });
  const registry = createRegistry('feature-extraction');
  const runner = new StageRunner(definition, { kafka, producer: own, namespace, logger, registry });
  await runner.start();
  return {
    stop: async () => {
      await runner.stop();
      await own.close();
    },
  };
};

describe('feature extraction on a real broker', () => {
  it('gives every second once, as the offline analysis does, across a restart in the middle of a second', async () => {
    const frameCount = Math.floor((RATE_HZ * SECONDS) / FRAME);
    const frames = Array.from({ length: frameCount }, (_, sequence) => frame('yard', sequence));
    const first = await start();
    // Disorder and a duplicate on the way, and a frame that can't be used.
    const [a, b, c, ...others] = frames.slice(0, 9);
    if (a === undefined || b === undefined || c === undefined) throw new Error('frames');
    await send([a, c, b, b, frame('yard', 900, { sampleCount: 7 }), ...others]);
    await until('three seconds', async () => ((await levelsOf('yard')).length >= 3 ? true : undefined));
    await first.stop();

    const second = await start();
    await send(frames.slice(9));
    const whole = Math.floor((frameCount * FRAME) / RATE_HZ);
    const levels = await until('all seconds', async () => {
      const found = await levelsOf('yard');
      return found.length >= whole ? found : undefined;
    });
    const features = await until('all features', async () => {
      const found = await featuresOf('yard');
      return found.length >= whole ? found : undefined;
    });
    await second.stop();

    const heard = decodePcm('s16le', bytes.subarray(0, 2 * frameCount * FRAME));
    const expected = analyseSignal(heard, RATE_HZ, { fft: await createRealFft(1024), fullScaleDb: 120 });
    expect(levels.map(({ secondIndex, timeUs }) => [secondIndex, timeUs])).toEqual(
      Array.from({ length: whole }, (_, k) => [k, ANCHOR_US + k * 1e6]),
    );
    levels.forEach((one, k) => {
      expect(one).toMatchObject({ durationMs: 1000, calibrationId: 'yard.1', calibrationVersion: 1, fullScaleDb: 120 });
      expect(one.laeqDb).toBe(Math.fround(expected.levels[k]?.laeqDb ?? NaN));
      expect(one.lafmaxDb).toBe(Math.fround(expected.levels[k]?.lafMaxDb ?? NaN));
    });
    const codes = Buffer.concat(features.map(({ logMel }) => logMel));
    expect(codes.equals(Buffer.from(expected.logMel.frames.subarray(0, codes.length)))).toBe(true);
    const dead = await readAll(`${topicName('audio', namespace)}.dlq`);
    expect(dead.map(({ headers }) => headers[dlqHeaders.cause])).toEqual([
      expect.stringContaining('7 samples need 14') as unknown,
    ]);
  });
});
