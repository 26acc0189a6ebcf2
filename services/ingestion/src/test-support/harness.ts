import { randomBytes } from 'node:crypto';
import { AudioFrame, dlqName, Sensor, SensorState, sensorKey, SoundLevels, topicName } from '@earshot/contracts';
import {
  createKafka,
  createProducer,
  createReader,
  ensureTopics,
  type IncomingRecord,
  type RecordConsumer,
  type RecordProducer,
} from '@earshot/platform/kafka';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { sha256Hex } from '../access/sensors.js';
import { ingestionConfig } from '../config.js';
import { createDoors, type Doors } from '../doors.js';
import { AudioModule } from '../http/audio.module.js';

/** Ingestion as it runs, against a real broker, with the records it writes at hand. */
export interface Harness {
  readonly httpUrl: string;
  readonly mqttUrl: string;
  readonly grpcAddress: string;
  readonly producer: RecordProducer;
  /** Writes a sensor into the registry's topic. */
  putSensor(sensorId: string, key: string, state?: SensorState): Promise<void>;
  /** Frames of the sensor on the audio topics, in order, those of the slow lane last, once there are `count`. */
  frames(sensorId: string, count: number): Promise<readonly AudioFrame[]>;
  /** Seconds of the sensor on the levels topic, in order, once there are `count`. */
  levels(sensorId: string, count: number): Promise<readonly SoundLevels[]>;
  /** Dead letters of the sensor, once there are `count`. */
  deadLetters(sensorId: string, count: number): Promise<readonly IncomingRecord[]>;
  /** Frames that are there now. */
  framesNow(sensorId: string): readonly AudioFrame[];
  /** How many of them are in the slow lane. */
  slowFramesNow(sensorId: string): number;
  readonly namespace: string;
  readonly brokers: readonly string[];
  close(): Promise<void>;
}

export const TENANT = 'acme';

const until = async <T>(what: string, read: () => T | undefined): Promise<T> => {
  for (let tries = 0; tries < 600; tries++) {
    const value = read();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waited 30 s for ${what}`);
};

/** A topic that was made just now may have no leader for a moment. */
const whenLed = async <T>(open: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await open();
    } catch (error) {
      if (tries === 60) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
};

export const startHarness = async (env: Readonly<Record<string, string>> = {}): Promise<Harness> => {
  const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
  const namespace = `t-${randomBytes(6).toString('hex')}`;
  await ensureTopics({ brokers, namespace, partitions: 2 });
  const logger = createLogger('ingestion-test', process.env['LOG_LEVEL'] ?? 'error');
  const kafka = createKafka({ brokers, clientId: `test-${namespace}`, logger });
  const producer = await createProducer(kafka);
  const config = ingestionConfig.parse({
    KAFKA_BROKERS: brokers.join(','),
    TOPIC_NAMESPACE: namespace,
    HEALTH_PORT: '0',
    HTTP_PORT: '0',
    MQTT_PORT: '0',
    GRPC_PORT: '0',
    ...env,
  });
  const context = {
    kafka,
    producer: () => Promise.resolve(producer),
    logger,
    registry: createRegistry('ingestion'),
    namespace,
  };
  const doors: Doors = await createDoors(context, config);
  for (const part of doors.parts) await part.start();
  const app = await NestFactory.create<NestFastifyApplication>(
    AudioModule.of(doors.http),
    new FastifyAdapter({ forceCloseConnections: true }),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest takes plain options here
    { logger: false },
  );
  await app.listen(0, '127.0.0.1');

  const audioTopic = topicName('audio', namespace);
  const slowTopic = topicName('audioBackfill', namespace);
  const levelsTopic = topicName('levels', namespace);
  const records: IncomingRecord[] = [];
  const openReader = (): Promise<RecordConsumer> =>
    createReader(kafka, {
      topics: [audioTopic, slowTopic, levelsTopic, dlqName(audioTopic), dlqName(levelsTopic)],
      from: 'beginning',
      onRecord: (record) => records.push(record),
      logger,
    });
  const reader = await whenLed(openReader);
  const of = (topic: string, sensorId: string): IncomingRecord[] =>
    records.filter((record) => record.topic === topic && record.key === sensorKey(TENANT, sensorId));
  const framesNow = (sensorId: string): AudioFrame[] =>
    [audioTopic, slowTopic]
      .flatMap((topic) => of(topic, sensorId))
      .map(({ value }) => AudioFrame.decode(value ?? new Uint8Array()));

  return {
    httpUrl: (await app.getUrl()).replace('[::1]', '127.0.0.1'),
    mqttUrl: `mqtt://127.0.0.1:${doors.ports().mqtt}`,
    grpcAddress: `127.0.0.1:${doors.ports().grpc}`,
    producer,
    putSensor: (sensorId, key, state = SensorState.SENSOR_STATE_ACTIVE) =>
      producer.send([
        {
          topic: topicName('sensors', namespace),
          key: sensorKey(TENANT, sensorId),
          value: Sensor.encode({
            ...emptySensor,
            tenantId: TENANT,
            sensorId,
            keySha256: sha256Hex(key),
            state,
          }).finish(),
        },
      ]),
    frames: (sensorId, count) =>
      until(`${count} frames of ${sensorId}`, () => {
        const frames = framesNow(sensorId);
        return frames.length >= count ? frames : undefined;
      }),
    levels: (sensorId, count) =>
      until(`${count} seconds of levels of ${sensorId}`, () => {
        const seconds = of(levelsTopic, sensorId);
        return seconds.length >= count
          ? seconds.map(({ value }) => SoundLevels.decode(value ?? new Uint8Array()))
          : undefined;
      }),
    deadLetters: (sensorId, count) =>
      until(`${count} dead letters of ${sensorId}`, () => {
        const letters = [audioTopic, levelsTopic].flatMap((topic) => of(dlqName(topic), sensorId));
        return letters.length >= count ? letters : undefined;
      }),
    framesNow,
    slowFramesNow: (sensorId) => of(slowTopic, sensorId).length,
    namespace,
    brokers,
    close: async () => {
      await app.close();
      for (const part of [...doors.parts].reverse()) await part.stop();
      await reader.stop();
      await producer.close();
    },
  };
};

const emptySensor: Sensor = {
  tenantId: '',
  sensorId: '',
  name: '',
  state: SensorState.SENSOR_STATE_ACTIVE,
  placement: undefined,
  timeZone: '',
  keySha256: '',
  createdUs: 0,
  updatedUs: 0,
  effectiveFromUs: 0,
  version: 1,
  dayPeriods: undefined,
  excludedFlags: [],
  maxDriftDb: 0,
  machine: undefined,
  baseline: undefined,
};
