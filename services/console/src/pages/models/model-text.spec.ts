import { describe, expect, it } from '@jest/globals';
import type { Model, ModelRole, ModelRoles } from '../../api/types.js';
import { changesOf, figuresOf, modelsOfTask } from './model-text.js';

const model = (id: string, version: string, role: ModelRole, task = 'audio-classification'): Model => ({
  ...{ id, version, task, role, labels: [], windowMs: 0, hopMs: 0, effectiveFrom: '', metrics: null },
});

describe('modelsOfTask', () => {
  it('puts the live one first and retired ones last, newer before older', () => {
    const all = [
      model('a', '1.2.0', 'installed'),
      model('z', '1.0.0', 'live'),
      model('a', '1.10.0', 'installed'),
      model('a', '0.1.0', 'retired'),
      model('b', '1.0.0', 'shadow'),
      model('e', '1.0.0', 'live', 'audio-event-detection'),
    ];
    expect(modelsOfTask(all, 'audio-classification').map(({ id, version }) => `${id} ${version}`)).toEqual([
      'z 1.0.0',
      'b 1.0.0',
      'a 1.10.0',
      'a 1.2.0',
      'a 0.1.0',
    ]);
  });
});

describe('figuresOf', () => {
  it('tells numbers by their path, three levels deep', () => {
    expect(figuresOf({ a: 1, b: { c: 2, d: [3], e: { f: 4, g: { h: 5 } } }, note: 'text' })).toEqual([
      ['a', 1],
      ['b · c', 2],
      ['b · e · f', 4],
    ]);
    expect(figuresOf(null)).toEqual([]);
  });
});

describe('changesOf', () => {
  const picture = (live: string, ...shadow: string[]): ModelRoles => ({
    ...{ revision: 1, effectiveFrom: null, createdAt: '', action: 'promote', performedBy: '', note: '' },
    tasks: [
      {
        task: 'audio-event-detection',
        live: { id: live, version: '1' },
        shadow: shadow.map((id) => ({ id, version: '1' })),
      },
    ],
  });

  it('says what is another than before', () => {
    expect(changesOf(picture('a'), undefined)).toEqual(['Events: a 1 live']);
    expect(changesOf(picture('b', 'a'), picture('a', 'b', 'c'))).toEqual([
      'Events: b 1 live',
      'Events: a 1 into shadow',
      'Events: c 1 out of shadow',
    ]);
    expect(changesOf(picture('a'), picture('a'))).toEqual([]);
  });
});
