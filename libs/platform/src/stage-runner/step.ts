import type { AnyStage, BatchedStage, Outcome, Prepared, Stage } from '@earshot/core/stage';

/** What one key's records became. */
export interface KeyStep<S, O> {
  readonly state: S;
  /** One per input. */
  readonly outcomes: readonly Outcome<O>[];
}

export interface KeyBatch<S, I> {
  readonly state: S;
  readonly inputs: readonly I[];
}

const isBatched = <S, I, O>(stage: AnyStage<S, I, O>): stage is BatchedStage<S, I, unknown, unknown, O> =>
  'prepare' in stage;

const bug = (error: unknown): Outcome<never> => ({
  kind: 'dlq',
  reason: 'stage-error',
  cause: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
});

/**
 * Steps over inputs; where that throws (a bug), goes record by record, so that only the record that provokes it is lost
 * to the DLQ and the state stays as before it.
 */
const guarded = <S, I, R>(
  { state, inputs }: KeyBatch<S, I>,
  step: (state: S, inputs: readonly I[]) => { readonly state: S; readonly results: readonly R[] },
  failed: (error: unknown) => R,
): { readonly state: S; readonly results: readonly R[] } => {
  try {
    return step(state, inputs);
  } catch (error) {
    if (inputs.length === 1) return { state, results: [failed(error)] };
  }
  let current = state;
  const results = inputs.map((input) => {
    const one = guarded({ state: current, inputs: [input] }, step, failed);
    current = one.state;
    return one.results;
  });
  return { state: current, results: results.flat() };
};

const stepPlain = <S, I, O>(stage: Stage<S, I, O>, batches: readonly KeyBatch<S, I>[]): readonly KeyStep<S, O>[] =>
  batches.map((batch) => {
    const { state, results } = guarded<S, I, Outcome<O>>(
      batch,
      (before, inputs) => {
        const after = stage.step(before, inputs);
        return { state: after.state, results: after.outcomes };
      },
      bug,
    );
    return { state, outcomes: results };
  });

const resolveOne = async <S, I, O>(
  stage: BatchedStage<S, I, unknown, unknown, O>,
  asked: readonly (readonly unknown[])[],
): Promise<readonly Outcome<O>[]> => {
  const queries = asked.flat();
  const answers = queries.length === 0 ? [] : await stage.resolve(queries);
  let next = 0;
  return asked.map((mine) => ({
    kind: 'emit',
    values: mine.flatMap((query) => {
      const answer = answers[next];
      next += 1;
      return stage.interpret(query, answer);
    }),
  }));
};

/** One outcome per record that asks, all asked at once; where that fails (a bug), record by record, so that only the one that provokes it is lost. */
const resolveAll = async <S, I, O>(
  stage: BatchedStage<S, I, unknown, unknown, O>,
  asked: readonly (readonly unknown[])[],
): Promise<readonly Outcome<O>[]> => {
  try {
    return await resolveOne(stage, asked);
  } catch (error) {
    if (asked.length === 1) return [bug(error)];
  }
  const outcomes: Outcome<O>[] = [];
  for (const one of asked) outcomes.push(...(await resolveAll(stage, [one])));
  return outcomes;
};

const stepBatched = async <S, I, O>(
  stage: BatchedStage<S, I, unknown, unknown, O>,
  batches: readonly KeyBatch<S, I>[],
): Promise<readonly KeyStep<S, O>[]> => {
  const prepared = batches.map((batch) =>
    guarded<S, I, Prepared<unknown, O>>(
      batch,
      (before, inputs) => {
        const after = stage.prepare(before, inputs);
        return { state: after.state, results: after.prepared };
      },
      (error) => ({ kind: 'outcome', outcome: bug(error) }),
    ),
  );
  const asked = prepared.flatMap(({ results }) => results.flatMap((one) => (one.kind === 'ask' ? [one.queries] : [])));
  const emitted = (await resolveAll(stage, asked)).values();
  return prepared.map(({ state, results }) => ({
    state,
    outcomes: results.map((one): Outcome<O> =>
      one.kind === 'outcome' ? one.outcome : (emitted.next().value ?? bug(new Error('no answer'))),
    ),
  }));
};

/** Steps all keys of a slice. The order of the results is the order of the batches. */
export const stepKeys = <S, I, O>(
  stage: AnyStage<S, I, O>,
  batches: readonly KeyBatch<S, I>[],
): Promise<readonly KeyStep<S, O>[]> =>
  isBatched(stage) ? stepBatched(stage, batches) : Promise.resolve(stepPlain(stage, batches));
