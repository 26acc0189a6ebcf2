import { Model, ModelRoles } from '@earshot/contracts';
import { describe, expect, it } from '@jest/globals';

import { modelJson, modelRolesJson } from './model-json.js';

describe('modelJson', () => {
  const model = Model.fromPartial({
    modelId: 'm',
    version: '1.0.0',
    role: 'live',
    manifestJson: '{"metrics":{"f1":0.5}}',
  });

  it('tells the figures of record, where the manifest has some', () => {
    expect(modelJson(model)).toMatchObject({ id: 'm', role: 'live', metrics: { f1: 0.5 } });
    for (const manifestJson of ['', 'null', '{}', '{"metrics":7}'])
      expect(modelJson({ ...model, manifestJson }).metrics).toBeNull();
  });
});

describe('modelRolesJson', () => {
  it('tells who is live and in shadow for each task, from the beginning or a time on', () => {
    const picture = ModelRoles.fromPartial({
      ...{ revision: 1, createdUs: 1e6, action: 'start', performedBy: 'settings' },
      tasks: [
        {
          task: 'audio-classification',
          live: { modelId: 'm', version: '1.0.0' },
          shadow: [{ modelId: 'n', version: '2.0.0' }],
        },
        { task: 'audio-event-detection' },
      ],
    });
    expect(modelRolesJson(picture)).toEqual({
      revision: 1,
      effectiveFrom: null,
      createdAt: '1970-01-01T00:00:01.000Z',
      action: 'start',
      performedBy: 'settings',
      note: '',
      tasks: [
        { task: 'audio-classification', live: { id: 'm', version: '1.0.0' }, shadow: [{ id: 'n', version: '2.0.0' }] },
        { task: 'audio-event-detection', live: null, shadow: [] },
      ],
    });
    expect(modelRolesJson({ ...picture, effectiveFromUs: 2e6 }).effectiveFrom).toBe('1970-01-01T00:00:02.000Z');
  });
});
