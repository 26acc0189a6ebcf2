import { EventReview, ReviewsServiceClient, ReviewVerdict, topicName } from '@earshot/contracts';
import { callUnary, createGrpcClient, grpcStatus } from '@earshot/platform/grpc';
import { createKafka, createProducer, ensureTopics, readToEnd } from '@earshot/platform/kafka';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createFleet } from '../pipeline.js';

jest.setTimeout(120_000);

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const namespace = `t-${randomBytes(4).toString('hex')}`;
const logger = createLogger('fleet-reviews-test', 'error');
const kafka = createKafka({ brokers, clientId: 'fleet-reviews-test', logger });
const T0_US = Date.UTC(2026, 10, 22, 10) * 1000;
const ID = 'demo/gate-1/b1/m@1/dog/1';

const started = async () => {
  const producer = await createProducer(kafka);
  const fleet = await createFleet(
    { kafka, producer: () => Promise.resolve(producer), logger, registry: createRegistry('fleet'), namespace },
    { grpcPort: 0, silentAfterS: 5, nowUs: () => Date.now() * 1000 },
  );
  for (const part of fleet.parts) await part.start();
  const client = createGrpcClient(ReviewsServiceClient, `127.0.0.1:${fleet.grpcPort()}`);
  return {
    client,
    stop: async () => {
      client.close();
      for (const part of [...fleet.parts].reverse()) await part.stop();
      await producer.close();
    },
  };
};

const written = async (): Promise<readonly EventReview[]> => {
  const all: EventReview[] = [];
  await readToEnd(kafka, {
    topics: [topicName('reviews', namespace)],
    logger,
    onRecord: ({ value }) => all.push(EventReview.decode(value ?? new Uint8Array())),
  });
  return all;
};

describe('reviews on a real broker', () => {
  beforeAll(() => ensureTopics({ brokers, namespace, partitions: 3 }));

  it('are on the topic before the answer, outlive a restart and go on in versions', async () => {
    const review = EventReview.fromPartial({
      ...{ tenantId: 'demo', eventId: ID, sensorId: 'gate-1', reviewer: 'ada' },
      verdict: ReviewVerdict.REVIEW_VERDICT_OTHER_LABEL,
      label: 'rooster',
      event: { label: 'dog', onsetUs: T0_US, offsetUs: T0_US + 1e6, confidence: 0.5, modelId: 'm', modelVersion: '1' },
      clip: { key: 'demo/a.wav', fromUs: T0_US - 2e6, sampleRateHz: 16_000, sampleCount: 80_000, coveredSamples: 1 },
    });
    const first = await started();
    const put = await callUnary(first.client, (client) => client.putReview, { review });
    expect(put.review).toMatchObject({ ...review, version: 1, reviewedUs: expect.any(Number) });
    expect(await written()).toEqual([put.review]);
    await callUnary(first.client, (client) => client.putReview, { review });
    expect((await written()).length).toBe(1);
    await first.stop();

    const second = await started();
    const asked = { tenantId: 'demo', eventId: ID };
    expect(await callUnary(second.client, (client) => client.getReview, asked)).toEqual(put);
    const changed = { review: { ...review, note: 'heard twice' } };
    const next = await callUnary(second.client, (client) => client.putReview, changed);
    expect(next.review?.version).toBe(2);
    const gone = await callUnary(second.client, (client) => client.withdrawReview, { ...asked, reviewer: 'bob' });
    expect(gone.review).toEqual(next.review);
    await expect(callUnary(second.client, (client) => client.getReview, asked)).rejects.toMatchObject({
      code: grpcStatus.NOT_FOUND,
    });
    await expect(
      callUnary(second.client, (client) => client.putReview, { review: { ...review, label: 'none' } }),
    ).rejects.toMatchObject({ code: grpcStatus.INVALID_ARGUMENT, message: expect.stringContaining('label "none"') });
    expect((await written()).map(({ version }) => version)).toEqual([1, 2, 3]);
    await second.stop();
  });
});
