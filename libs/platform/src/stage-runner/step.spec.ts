import { done, emit, ResolverAwayError, type RecurrentStage, type Stage } from '@earshot/core/stage';
import { describe, expect, it } from '@jest/globals';
import { stepKeys } from './step.js';

/**
 * Asks for the double of each input on top of what it has, then for the double of that; both answers reach the state.
 * 13 can't be resolved, 14 can't be answered, 15 can't be stepped.
 */
const asked: (readonly number[])[] = [];
const recurrent: RecurrentStage<number, number, number, number, number> = {
  init: () => 0,
  step: (state, input) => {
    if (input === 0) return done(state, emit());
    if (input === 15) throw new Error('fifteen');
    return {
      kind: 'ask',
      queries: [input],
      answered: ([first = NaN]) => ({
        kind: 'ask',
        queries: [state + first],
        answered: ([second = NaN]) => {
          if (input === 14) throw new Error('fourteen');
          return done(second, emit(second));
        },
      }),
    };
  },
  resolve: (queries) => {
    asked.push(queries);
    if (queries.includes(99)) return Promise.reject(new ResolverAwayError('away'));
    return queries.includes(13)
      ? Promise.reject(new Error('thirteen'))
      : Promise.resolve(queries.map((query) => 2 * query));
  },
  flush: (state) => done(state, emit()),
};
const emitted = (value: number) => ({ kind: 'emit', values: [value] });
const dead = (cause: string) => ({ kind: 'dlq', reason: 'stage-error', cause });

describe('a recurrent stage', () => {
  it('goes in waves: all keys are asked together, one input of each at a time', async () => {
    asked.length = 0;
    const results = await stepKeys(recurrent, [
      { state: 0, inputs: [1, 2] },
      { state: 5, inputs: [3] },
      { state: 7, inputs: [0, 4] },
    ]);
    expect(results).toEqual([
      { state: 16, outcomes: [emitted(4), emitted(16)] },
      { state: 22, outcomes: [emitted(22)] },
      { state: 30, outcomes: [{ kind: 'emit', values: [] }, emitted(30)] },
    ]);
    expect(asked).toEqual([[1, 3, 4], [2, 11, 15], [2], [8]]);
  });

  it('loses only the inputs that fail, and goes on from the state before them', async () => {
    const results = await stepKeys(recurrent, [
      { state: 0, inputs: [1, 13, 2] },
      { state: 5, inputs: [14, 15, 3] },
    ]);
    expect(results).toEqual([
      { state: 16, outcomes: [emitted(4), dead('Error: thirteen'), emitted(16)] },
      { state: 22, outcomes: [dead('Error: fourteen'), dead('Error: fifteen'), emitted(22)] },
    ]);
  });

  it('holds nothing against the inputs when nobody answers at all', async () => {
    const away = stepKeys(recurrent, [
      { state: 0, inputs: [1] },
      { state: 0, inputs: [99] },
    ]);
    await expect(away).rejects.toThrow(ResolverAwayError);
  });
});

describe('a pure stage', () => {
  const summing: Stage<number, number, number> = {
    init: () => 0,
    step: (state, inputs) => {
      let sum = state;
      const outcomes = inputs.map((input) => {
        if (input === 13) throw new Error('thirteen');
        sum += input;
        return emit(sum);
      });
      return { state: sum, outcomes };
    },
    flush: () => [],
  };

  it('loses only the input that throws', async () => {
    expect(await stepKeys(summing, [{ state: 1, inputs: [1, 13, 2] }])).toEqual([
      { state: 4, outcomes: [emitted(2), dead('Error: thirteen'), emitted(4)] },
    ]);
  });
});

describe('a plain stage', () => {
  const busyMs = 60;
  const slow: Stage<number, number, number> = {
    init: () => 0,
    step: (state, inputs) => {
      for (const until = performance.now() + busyMs; performance.now() < until;);
      return { state: state + inputs.length, outcomes: inputs.map((input) => emit(input)) };
    },
    flush: () => [],
  };

  it('lets others have a turn between keys that take long', async () => {
    let turns = 0;
    const count = (): void => {
      turns += 1;
    };
    const stepping = stepKeys(
      slow,
      [1, 2, 3].map((input) => ({ state: 0, inputs: [input] })),
    );
    setImmediate(count);
    expect(turns).toBe(0);
    const results = await stepping;
    expect(turns).toBe(1);
    expect(results.map(({ state }) => state)).toEqual([1, 1, 1]);
  });
});
