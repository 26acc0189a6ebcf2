import { join } from 'node:path';
import { loadModelBundle } from '@earshot/platform/onnx';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Model } from '@earshot/contracts';
import { describeModel, promote } from './model-registry.js';

const TINY = join(import.meta.dirname, '../../../libs/platform/src/onnx/testdata/tiny');

let model: Model;
beforeAll(async () => {
  model = describeModel(await loadModelBundle(TINY), 1000);
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
});

describe('promote', () => {
  it('writes a model that is new or changed', () => {
    expect(promote([], model)).toEqual([model]);
    expect(promote([{ ...model, version: '0.9.0' }], model)).toEqual([model]);
    expect(promote([{ ...model, role: 'retired' }], model)).toEqual([model]);
  });

  it('leaves the effective date of the same model as it was', () => {
    expect(promote([{ ...model, effectiveFromUs: 5 }], model)).toEqual([]);
  });

  it('retires the live model before it', () => {
    const other = { ...model, modelId: 'other' };
    const shadow = { ...model, modelId: 'third', role: 'shadow' };
    expect(promote([other, shadow], model)).toEqual([{ ...other, role: 'retired' }, model]);
  });
});
