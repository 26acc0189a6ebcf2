import { randomBytes } from 'node:crypto';
import { EventPhase, Model, SoundEvent, topicName } from '@earshot/contracts';
import { probabilityCode } from '@earshot/core/classification';
import { loadConfig } from '@earshot/nest/config';
import {
  createKafka,
  createProducer,
  createTopicView,
  ensureTopics,
  readToEnd,
  retryForever,
  type IncomingRecord,
  type RecordProducer,
} from '@earshot/platform/kafka';
import { encodeActivity } from '@earshot/platform/records';
import { StageRunner } from '@earshot/platform/stage-runner';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventDetectionConfig } from './config.js';
import { createPipeline } from './pipeline.js';

jest.setTimeout(120_000);

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const namespace = `t-${randomBytes(4).toString('hex')}`;
const logger = createLogger('event-detection-test', 'error');
const kafka = createKafka({ brokers, clientId: 'event-detection-test', logger });
const settings = loadConfig(eventDetectionConfig, { HEALTH_PORT: '0' });
const T0 = 1_700_000_000_000_000;

let producer: RecordProducer;
beforeAll(async () => {
  await ensureTopics({ brokers, namespace, partitions: 2 });
  producer = await createProducer(kafka);
  const detection = {
    medianSteps: 1,
    onThreshold: 0.8,
    offThreshold: 0.4,
    minDurationS: 0.2,
    mergeGapS: 0,
    perLabel: {},
  };
  const model = Model.fromPartial({ modelId: 'm', version: '1.0.0', manifestJson: JSON.stringify({ detection }) });
  await producer.send([
    { topic: topicName('models', namespace), key: '_/m@1.0.0', value: Model.encode(model).finish() },
  ]);
});
afterAll(() => producer.close());

const eventsOf = async (sensorId: string): Promise<readonly SoundEvent[]> => {
  const all: SoundEvent[] = [];
  const topic = topicName('events', namespace);
  const onRecord = ({ value }: IncomingRecord) => all.push(SoundEvent.decode(value ?? new Uint8Array()));
  // A topic just made may not have its leader yet.
  await retryForever(
    topic,
    logger,
    () => false,
    async () => {
      all.length = 0;
      await readToEnd(kafka, { topics: [topic], logger, onRecord });
    },
  );
  return all.filter((event) => event.sensorId === sensorId);
};
const until = async (count: number, sensorId: string): Promise<readonly SoundEvent[]> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await eventsOf(sensorId);
    if (found.length >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${count} event phases of ${sensorId} did not come`);
};
const steps = (sensorId: string, from: number, probabilities: readonly number[], modelVersion = '1.0.0') =>
  producer.send(
    probabilities.map((probability, index) => ({
      topic: topicName('activity', namespace),
      key: `demo/${sensorId}`,
      value: encodeActivity({
        id: `${sensorId}/${from + index}`,
        tenantId: 'demo',
        sensorId,
        bootId: 'b1',
        timeUs: T0 + (from + index) * 100_000,
        stepMs: 100,
        steps: 1,
        modelId: 'm',
        modelVersion,
        firstFrameIndex: 5 * (from + index),
        labels: ['dog'],
        probabilities: Uint8Array.of(probabilityCode(probability)),
        laeqDb: -30,
        calibrationId: '',
        discontinuity: false,
        receivedTimeUs: 0,
      }),
    })),
  );

const start = async (): Promise<{ stop(): Promise<void> }> => {
  const models = await createTopicView<Model>(kafka, {
    topic: topicName('models', namespace),
    decode: ({ value }) => (value === null ? null : Model.decode(value)),
    logger,
  });
  const own = await createProducer(kafka);
  const runner = new StageRunner(createPipeline(namespace, settings, models), {
    kafka,
    producer: own,
    namespace,
    logger,
    registry: createRegistry('event-detection'),
  });
  await runner.start();
  return {
    stop: async () => {
      await runner.stop();
      await own.close();
      await models.stop();
    },
  };
};

describe('event detection on a real broker', () => {
  it("opens an event by its model's rule, and closes it after a restart under the same id", async () => {
    const first = await start();
    await steps('yard', 0, [0.1, 0.9, 0.5, 0.5]);
    await steps('other', 0, [0.1, 0.6, 0.6, 0.6, 0.1]);
    const opened = await until(1, 'yard');
    expect(opened).toMatchObject([{ phase: EventPhase.EVENT_PHASE_OPEN, label: 'dog', revision: 0 }]);
    await first.stop();

    const second = await start();
    await steps('yard', 4, [0.95, 0.3, 0.1]);
    const found = await until(2, 'yard');
    expect(found[1]).toMatchObject({
      id: opened[0]?.id,
      phase: EventPhase.EVENT_PHASE_CLOSE,
      onsetUs: T0 + 100_000,
      offsetUs: T0 + 500_000,
      confidence: Math.fround(probabilityCode(0.95) / 255),
      laeqDb: -30,
      revision: 1,
    });
    expect(found).toHaveLength(2);
    // Below the model's on threshold of 0.8; the same by another version would be above the default of 0.5.
    await steps('third', 0, [0.1, 0.6, 0.6, 0.6, 0.6, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], '2.0.0');
    await until(2, 'third');
    expect(await eventsOf('other')).toEqual([]);
    await second.stop();
  });
});
