import { randomBytes } from 'node:crypto';
import { Model, Rule, topicName, type TopicId } from '@earshot/contracts';
import { probabilityCode, type ScoredWindow, type SoundActivity } from '@earshot/core/classification';
import { createKafka, createProducer, ensureTopics, retryForever, type RecordProducer } from '@earshot/platform/kafka';
import { encodeActivity, encodeWindow } from '@earshot/platform/records';
import { createLogger } from '@earshot/platform/telemetry';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { comparisonText, compareModels } from './compare.js';

jest.setTimeout(120_000);

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const namespace = `t-${randomBytes(4).toString('hex')}`;
const logger = createLogger('compare-test', 'error');
const kafka = createKafka({ brokers, clientId: 'compare-test', logger });
const log = { kafka, namespace, logger };
const T0 = 1_700_000_000_000_000;
const range = { fromUs: T0, toUs: T0 + 60e6 };

let producer: RecordProducer;
/** A topic just made may not have its leader yet. */
const send = (topic: TopicId, records: readonly (readonly [string, Uint8Array])[]) =>
  retryForever(
    topic,
    logger,
    () => false,
    () => producer.send(records.map(([key, value]) => ({ topic: topicName(topic, namespace), key, value }))),
  );
const common = {
  ...{ tenantId: 'demo', sensorId: 's', bootId: 'b', modelVersion: '1.0.0', firstFrameIndex: 0, laeqDb: -30 },
  ...{ calibrationId: '', discontinuity: false, receivedTimeUs: 0 },
};
const second = (modelId: string, at: number, p: number): readonly [string, Uint8Array] => {
  const activity: SoundActivity = {
    ...common,
    ...{ id: `${modelId}/${at}`, modelId, timeUs: T0 + at * 1e6, labels: ['dog'], stepMs: 100, steps: 10 },
    probabilities: new Uint8Array(10).fill(probabilityCode(p)),
  };
  return ['demo/s', encodeActivity(activity)];
};
const window = (modelId: string, at: number, p: number): readonly [string, Uint8Array] => {
  const scored: ScoredWindow = {
    ...common,
    ...{ id: `${modelId}/${at}`, modelId, timeUs: T0 + at * 1e6, windowMs: 2044, hopMs: 1000 },
    ...{ labels: ['dog'], probabilities: [p] },
  };
  return ['demo/s', encodeWindow(scored)];
};
const detection = { medianSteps: 1, onThreshold: 0.5, offThreshold: 0.3, minDurationS: 0.5, mergeGapS: 0 };
const model = (modelId: string, task: string) =>
  [`_/${modelId}@1.0.0`, Model.encode(Model.fromPartial({ modelId, version: '1.0.0', task, manifestJson: JSON.stringify({ detection }) })).finish()] as const;

beforeAll(async () => {
  await ensureTopics({ brokers, namespace, partitions: 2 });
  producer = await createProducer(kafka);
  await send('models', [
    model('a', 'audio-event-detection'),
    model('b', 'audio-event-detection'),
    model('c', 'audio-classification'),
    model('d', 'audio-classification'),
  ]);
  const rule = Rule.fromPartial({
    ...{ tenantId: 'demo', ruleId: 'r', version: 1, name: 'Bark', severity: 'warning', enabled: true },
    condition: { $case: 'event', value: { label: 'dog', minConfidence: 0.5, minDurationS: 1 } },
    effectiveFromUs: T0 + 1e12,
  });
  await send('rules', [['demo/r', Rule.encode(rule).finish()]]);
  // a is live until second 10 and then in shadow; b the other way round. b hears what a hears not, at 20 s.
  const heard = (at: number) => (at >= 3 && at < 6 ? 0.9 : 0.1);
  const seconds = Array.from({ length: 40 }, (_, at) => at);
  await send('activity', seconds.map((at) => (at < 10 ? second('a', at, heard(at)) : second('b', at, at === 20 ? 0.8 : 0.1))));
  await send('activityShadow', seconds.map((at) => (at < 10 ? second('b', at, heard(at)) : second('a', at, 0.1))));
  await send('classifications', seconds.map((at) => window('c', at, heard(at))));
  await send('classificationsShadow', [...seconds.map((at) => window('d', at, 0.1)), window('d', 100, 0.9)]);
});
afterAll(() => producer.close());

describe('compareModels', () => {
  it('finds from live and shadow what another sequence model would have changed: events and alerts', async () => {
    const found = await compareModels(log, 'a', 'b@1.0.0', range);
    expect(found).toMatchObject({
      task: 'audio-event-detection',
      models: { a: 'a@1.0.0', b: 'b@1.0.0' },
      commonS: 40,
      agreement: 0.975,
      events: { same: 1, onlyA: [], onlyB: [{ label: 'dog', onsetUs: T0 + 20e6, offsetUs: T0 + 21e6 }] },
      alerts: { same: 1, onlyA: [], onlyB: [{ ruleName: 'Bark' }] },
    });
    const text = comparisonText(found);
    for (const part of ['A a@1.0.0, B b@1.0.0', 'events: 1 the same, 0 of A only, 1 of B only', 'Bark'])
      expect(text).toContain(part);
  });

  it('finds how classifiers agree, within the range only', async () => {
    const found = await compareModels(log, 'c', 'd', range);
    expect(found).toMatchObject({ commonS: 40, agreement: 37 / 40, events: null, a: { rates: [{ label: 'dog', count: 3 }] } });
    expect(found.b).toEqual({ scoredS: 40, rates: [] });
    expect(comparisonText(found)).toContain('agreement: 92.50 % of windows');
  });

  it('says which models there are, and refuses to compare different tasks', async () => {
    await expect(compareModels(log, 'a', 'x', range)).rejects.toThrow(/x: no such model; known are .*a@1.0.0/);
    await expect(compareModels(log, 'a', 'c', range)).rejects.toThrow(/only models of one task compare/);
  });
});
