import { join } from 'node:path';
import type { Model, ModelRoles } from '@earshot/contracts';
import { readBundle } from '@earshot/platform/onnx';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { changesOf, describeModel, recordKeyOf, roleOf } from './models-topic.js';

const TESTDATA = join(import.meta.dirname, '../../../../libs/platform/src/onnx/testdata');
const ref = (key: string) => ({ modelId: key.split('@')[0] ?? '', version: key.split('@')[1] ?? '' });
const picture = (revision: number, effectiveFromUs: number, live: string, ...shadow: string[]): ModelRoles => ({
  ...{ tenantId: '_', revision, effectiveFromUs, createdUs: 500, action: 'promote', performedBy: '', note: '' },
  tasks: [{ task: 'audio-classification', live: ref(live), shadow: shadow.map(ref) }],
  configured: [],
});

let model: Model;
beforeAll(async () => {
  model = describeModel((await readBundle(join(TESTDATA, 'tiny'))).files, [], 1000);
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
      role: 'installed',
      effectiveFromUs: 1000,
    });
    expect(JSON.parse(model.manifestJson)).toHaveProperty('detection.onThreshold', 0.5);
  });

  it('says how long the steps of a sequence model are, and its role', async () => {
    const { files } = await readBundle(join(TESTDATA, 'sequence'));
    const roles = [picture(1, 0, 'tiny@1.0.0', 'tiny-sequence@1.0.0')];
    expect(describeModel(files, roles, 1000)).toMatchObject({
      task: 'audio-event-detection',
      windowMs: 100,
      hopMs: 100,
      role: 'shadow',
      effectiveFromUs: 500,
    });
  });
});

describe('roleOf', () => {
  const ledger = [picture(1, 0, 'a@1', 'b@1'), picture(2, 2000, 'b@1'), picture(3, 3000, 'b@1', 'c@1')];

  it('tells the role in the latest picture and since when', () => {
    expect(roleOf(ledger, 'b@1')).toEqual({ role: 'live', sinceUs: 2000 });
    expect(roleOf(ledger, 'c@1')).toEqual({ role: 'shadow', sinceUs: 3000 });
    expect(roleOf(ledger, 'a@1')).toBeNull();
    expect(roleOf(ledger.slice(0, 1), 'a@1')).toEqual({ role: 'live', sinceUs: 500 });
    expect(roleOf([], 'a@1')).toBeNull();
  });
});

describe('changesOf', () => {
  const known = (...models: readonly Model[]) => new Map(models.map((one) => [recordKeyOf(one), one]));

  it('writes models that are new or changed, not those whose date alone differs', () => {
    expect(changesOf(known(), [model], 5)).toEqual([model]);
    expect(changesOf(known({ ...model, effectiveFromUs: 7 }), [model], 5)).toEqual([]);
    expect(changesOf(known({ ...model, role: 'live' }), [model], 5)).toEqual([model]);
  });

  it('retires what is not installed any more, once', () => {
    const older = { ...model, version: '0.9.0', role: 'live' };
    const retired = { ...older, role: 'retired', effectiveFromUs: 5 };
    expect(changesOf(known(model, older), [model], 5)).toEqual([retired]);
    expect(changesOf(known(model, retired), [model], 9)).toEqual([]);
  });

  it('leaves records of the release before as they are', () => {
    const before = new Map([['_/tiny', { ...model, version: '0.9.0', role: 'live' }]]);
    expect(changesOf(before, [model], 5)).toEqual([model]);
  });
});
