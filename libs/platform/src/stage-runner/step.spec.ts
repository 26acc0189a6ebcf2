import type { BatchedStage } from '@earshot/core/stage';
import { describe, expect, it } from '@jest/globals';
import { stepKeys } from './step.js';

/** Doubles numbers; 13 can't be resolved, 14 can't be interpreted. */
const stage: BatchedStage<number, number, number, number, number> = {
  init: () => 0,
  prepare: (state, inputs) => ({
    state: state + inputs.length,
    prepared: inputs.map((input) => ({ kind: 'ask', queries: [input, input] })),
  }),
  resolve: (queries) =>
    queries.includes(13) ? Promise.reject(new Error('thirteen')) : Promise.resolve(queries.map((query) => 2 * query)),
  interpret: (query, answer) => {
    if (query === 14) throw new Error('fourteen');
    return [answer];
  },
  flush: () => [],
};

describe('a stage that asks', () => {
  it('loses only the records whose answer fails', async () => {
    const [a, b] = await stepKeys(stage, [
      { state: 0, inputs: [1, 13, 2] },
      { state: 5, inputs: [14, 3] },
    ]);
    expect(a).toEqual({
      state: 3,
      outcomes: [
        { kind: 'emit', values: [2, 2] },
        { kind: 'dlq', reason: 'stage-error', cause: 'Error: thirteen' },
        { kind: 'emit', values: [4, 4] },
      ],
    });
    expect(b).toEqual({
      state: 7,
      outcomes: [
        { kind: 'dlq', reason: 'stage-error', cause: 'Error: fourteen' },
        { kind: 'emit', values: [6, 6] },
      ],
    });
  });
});
