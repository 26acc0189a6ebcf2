import { join } from 'node:path';
import { loadModelBundle } from '@earshot/platform/onnx';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Model } from '@earshot/contracts';
import { describeModel, promote } from './model-registry.js';

const TINY = join(import.meta.dirname, '../../../libs/platform/src/onnx/testdata/tiny');

let model: Model;
beforeAll(async () => {
  const bundle = await loadModelBundle(TINY);
  model = describeModel(bundle, 1000);
  await bundle.network.close();
});

describe('describeModel', () => {
  it('says what readers of classifications need to know', () => {
    expect(model).toMatchObject({
      tenantId: '_',
      modelId: 'tiny',
      version: '1.0.0',
      labels: ['low', 'high'],
      frontEndId: 'logmel-16k-64-v1',
      windowMs: 2044,
      hopMs: 500,
      role: 'live',
      effectiveFromUs: 1000,
    });
    expect(JSON.parse(model.manifestJson)).toHaveProperty('detection.onThreshold', 0.5);
  });

  it('says how long the steps of a sequence model are', async () => {
    const bundle = await loadModelBundle(join(TINY, '../sequence'));
    const { task, windowMs, hopMs } = describeModel(bundle, 1000);
    expect({ task, windowMs, hopMs }).toEqual({ task: 'audio-event-detection', windowMs: 100, hopMs: 100 });
    await bundle.network.close();
  });
});

describe('promote', () => {
  const steps = (change: Partial<Model> = {}): Model => ({
    ...model,
    modelId: 'steps',
    task: 'audio-event-detection',
    ...change,
  });

  it('writes models that are new or changed', () => {
    expect(promote([], [model, steps()])).toEqual([model, steps()]);
    expect(promote([model, steps({ role: 'retired' })], [model, steps()])).toEqual([steps()]);
  });

  it('leaves the effective date of the same model as it was', () => {
    expect(promote([{ ...model, effectiveFromUs: 5 }], [model])).toEqual([]);
  });

  it('retires the live models before them, another version of the same too', () => {
    const older = { ...model, version: '0.9.0' };
    const shadow = { ...model, modelId: 'third', role: 'shadow' };
    expect(promote([older, shadow], [model])).toEqual([{ ...older, role: 'retired' }, model]);
  });
});
