import { describe, expect, it } from '@jest/globals';
import type { AlertRule } from '../alerting/index.js';
import { probabilityCode, type ScoredWindow, type SoundActivity } from '../classification/index.js';
import { defaultDetectionRule } from '../detection/index.js';
import { compareClassifiers, compareSequences } from './index.js';

const T0 = 1_700_000_000_000_000;
const common = {
  ...{ tenantId: 't', sensorId: 's', bootId: 'b', modelVersion: '1.0.0', firstFrameIndex: 0, laeqDb: -30 },
  ...{ calibrationId: '', discontinuity: false, receivedTimeUs: 0 },
};
/** One label over steps, cut into activities of `size`. */
const steps = (modelId: string, probabilities: readonly number[], size: number, from = 0): readonly SoundActivity[] =>
  Array.from({ length: Math.ceil(probabilities.length / size) }, (_, i) => {
    const part = probabilities.slice(i * size, (i + 1) * size);
    return {
      ...common,
      id: `${modelId}${i}`,
      modelId,
      timeUs: T0 + (from + i * size) * 100_000,
      labels: ['dog'],
      stepMs: 100,
      steps: part.length,
      probabilities: Uint8Array.from(part, probabilityCode),
    };
  });
const bark: AlertRule = {
  ...{ tenantId: 't', ruleId: 'r', version: 3, name: 'Bark', sensorIds: [], severity: 'warning' },
  condition: { kind: 'event', label: 'dog', minConfidence: 0.8, minDurationS: 0.5 },
  ...{ enabled: true, deleted: false, effectiveFromUs: T0 + 1e12 },
};
const rule = { ...defaultDetectionRule, medianSteps: 1, minDurationS: 0.2, mergeGapS: 0 };
const rules = { a: rule, b: { ...rule, onThreshold: 0.7 }, alertRules: [bark] };
const filled = (count: number, ...spans: readonly (readonly [from: number, to: number, p: number])[]) =>
  Array.from({ length: count }, (_, i) => spans.find(([from, to]) => i >= from && i < to)?.[2] ?? 0.1);

describe('compareSequences', () => {
  it('tells over the common time which events and alerts one model has and the other has not', () => {
    const a = steps('a', filled(100, [10, 20, 0.9], [40, 50, 0.6], [80, 90, 0.95]), 7);
    const b = steps('b', filled(70, [12, 20, 0.9], [40, 50, 0.6], [60, 68, 0.85]), 10);
    const found = compareSequences(a, b, rules);
    expect(found).toMatchObject({
      sensors: 1,
      commonS: 7,
      a: { scoredS: 10, rates: [{ label: 'dog', count: 2, perHour: (2 * 3600) / 7 }] },
      b: { scoredS: 7, rates: [{ label: 'dog', count: 2 }] },
      labels: [{ label: 'dog', onlyA: 12, onlyB: 8, agreement: 1 - 20 / 70 }],
      agreement: 1 - 20 / 70,
    });
    // The first one begins 0.2 s later by b, which is the same event; 0.6 is none by b's threshold.
    expect(found.events).toMatchObject({
      same: 1,
      onlyA: [{ sensor: 't/s', label: 'dog', onsetUs: T0 + 4e6, offsetUs: T0 + 5e6 }],
      onlyB: [{ onsetUs: T0 + 6e6, offsetUs: T0 + 6.8e6 }],
    });
    expect(found.alerts).toMatchObject({ same: 1, onlyA: [], onlyB: [{ ruleName: 'Bark', raisedUs: T0 + 6.5e6 }] });
  });

  it('finds nothing that differs between a model and itself, in any order and told twice', () => {
    const all = steps('a', filled(200, [10, 30, 0.9], [95, 130, 0.7]), 10);
    const found = compareSequences(all, [...all.slice(5), ...all], { ...rules, b: rule });
    expect(found).toMatchObject({
      agreement: 1,
      events: { same: 2, onlyA: [], onlyB: [] },
      alerts: { onlyA: [], onlyB: [] },
    });
  });

  it('has nothing to say where the models never scored the same time', () => {
    const found = compareSequences(steps('a', filled(20), 10), steps('b', filled(20), 10, 50), rules);
    expect(found).toMatchObject({ sensors: 0, commonS: 0, agreement: 1, labels: [], events: { same: 0 } });
  });
});

describe('compareClassifiers', () => {
  const windows = (modelId: string, hopMs: number, probabilities: readonly (readonly [number, number])[]) =>
    probabilities.map((two, i): ScoredWindow => ({
      ...common,
      id: `${modelId}${i}`,
      modelId,
      timeUs: T0 + i * hopMs * 1000,
      windowMs: 2044,
      hopMs,
      labels: ['dog', 'rain'],
      probabilities: two,
    }));

  it('tells rates and agreement over the windows that begin at the same time', () => {
    const a = windows('a', 500, [
      [0.9, 0.1],
      [0.9, 0.1],
      [0.6, 0.1],
      [0.1, 0.1],
      [0.1, 0.1],
    ]);
    const b = windows('b', 1000, [
      [0.8, 0.1],
      [0.2, 0.1],
      [0.1, 0.9],
    ]);
    expect(compareClassifiers(a, b)).toMatchObject({
      sensors: 1,
      commonS: 3,
      a: { scoredS: 2.5, rates: [{ label: 'dog', count: 2, perHour: 2400, timeShare: 2 / 3 }] },
      b: {
        scoredS: 3,
        rates: [
          { label: 'dog', count: 1 },
          { label: 'rain', count: 1 },
        ],
      },
      agreement: 1 / 3,
      labels: [
        { label: 'dog', agreement: 2 / 3, onlyA: 1, onlyB: 0, meanAbsDifference: expect.closeTo(0.5 / 3, 9) },
        { label: 'rain', agreement: 2 / 3, onlyA: 0, onlyB: 1 },
      ],
      events: null,
      alerts: null,
    });
  });
});
