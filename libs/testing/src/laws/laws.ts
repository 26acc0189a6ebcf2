import { deserialize, serialize } from 'node:v8';
import { isDeepStrictEqual } from 'node:util';
import { finishTurn, isRecurrent, type Outcome, type RecurrentStage, type Stage } from '@earshot/core/stage';
import fc from 'fast-check';

type EitherStage<S, I, Q, R, O> = Stage<S, I, O> | RecurrentStage<S, I, Q, R, O>;

export interface LawOptions<O> {
  readonly key?: string;
  readonly numRuns?: number;
  /** Default: deep strict equality, bit for bit. */
  readonly equal?: (a: O, b: O) => boolean;
}

interface Run<S, O> {
  readonly outcomes: readonly Outcome<O>[];
  readonly state: S;
}

const stepOnce = async <S, I, Q, R, O>(
  stage: EitherStage<S, I, Q, R, O>,
  state: S,
  batch: readonly I[],
): Promise<Run<S, O>> => {
  if (!isRecurrent(stage)) return stage.step(state, batch);
  let current = state;
  const outcomes: Outcome<O>[] = [];
  for (const input of batch) {
    const after = await finishTurn((queries) => resolveChecked(stage, queries), stage.step(current, input));
    current = after.state;
    outcomes.push(after.outcome);
  }
  return { state: current, outcomes };
};

/** Whatever is asked together: an answer must depend on nothing but its query. */
const resolveChecked = async <S, I, Q, R, O>(
  stage: RecurrentStage<S, I, Q, R, O>,
  queries: readonly Q[],
): Promise<readonly R[]> => {
  const together = await stage.resolve(queries);
  if (together.length !== queries.length)
    throw new Error(`${together.length} answers for ${queries.length} queries: one each is the contract`);
  const alone = await Promise.all(queries.slice(-1).map((query) => stage.resolve([query])));
  if (!sameBits(together.slice(-1), alone.flat())) throw new Error('an answer depends on what else is asked with it');
  return together;
};

/**
 * Bit for bit, after both went through the store: what a stage keeps from its state and emits again comes from another realm
 * than what it made in this step where a test runner has realms, and strict equality compares prototypes. The stored bytes
 * themselves are not compared: the engine may come to keep an integer as a double, and then writes it as one.
 */
const sameBits = <O>(a: O, b: O): boolean => isDeepStrictEqual(deserialize(serialize(a)), deserialize(serialize(b)));

/** Runs over batches; between them the state goes through the store (structured clone), as after a restart. */
const runBatches = async <S, I, Q, R, O>(
  stage: EitherStage<S, I, Q, R, O>,
  key: string,
  batches: readonly (readonly I[])[],
): Promise<Run<S, O>> => {
  let state = stage.init(key);
  const outcomes: Outcome<O>[] = [];
  for (const batch of batches) {
    const before = deserialize(serialize(state)) as S;
    const after = await stepOnce(stage, state, batch);
    if (!sameBits(before, state)) throw new Error('step changed the state it was given');
    if (after.outcomes.length !== batch.length) {
      throw new Error(
        `step gave ${after.outcomes.length} outcomes for ${batch.length} inputs: one each is the contract`,
      );
    }
    outcomes.push(...after.outcomes);
    state = deserialize(serialize(after.state)) as S;
  }
  return { state, outcomes };
};

const cut = <I>(inputs: readonly I[], sizes: readonly number[]): readonly (readonly I[])[] => {
  const batches: (readonly I[])[] = [];
  let from = 0;
  for (let index = 0; from < inputs.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    batches.push(inputs.slice(from, from + size));
    from += size;
  }
  return batches;
};

const difference = <O>(
  whole: readonly Outcome<O>[],
  split: readonly Outcome<O>[],
  equal: (a: O, b: O) => boolean,
): string | undefined => {
  for (const [index, a] of whole.entries()) {
    const b = split[index];
    if (b === undefined) return `input ${index}: no outcome`;
    if (a.kind === 'emit' && b.kind === 'emit') {
      const same =
        a.values.length === b.values.length && a.values.every((value, at) => equal(value, b.values[at] as O));
      if (!same) return `input ${index}: outputs differ`;
    } else if (!sameBits(a, b)) return `input ${index}: ${a.kind} against ${b.kind}`;
  }
  return undefined;
};

const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 8 });

/**
 * Law 1: chunking never changes results. Any split of an input into batches gives, input by input, the same outcomes as
 * one batch. Also holds the contracts that go with it: one outcome per input, and `step` leaves its state alone.
 */
export const checkChunkingLaw = <S, I, Q, R, O>(
  stage: EitherStage<S, I, Q, R, O>,
  inputs: fc.Arbitrary<readonly I[]>,
  options: LawOptions<O> = {},
): Promise<void> => {
  const { key = 'tenant/sensor', numRuns = 30, equal = sameBits } = options;
  return fc.assert(
    fc.asyncProperty(inputs, sizes, async (all, split) => {
      const whole = await runBatches(stage, key, [all]);
      const parts = await runBatches(stage, key, cut(all, split));
      const found = difference(whole.outcomes, parts.outcomes, equal);
      if (found !== undefined) throw new Error(`Chunking changed results at ${found}`);
    }),
    { numRuns },
  );
};

/**
 * Law 2: replay equals live. A crash anywhere, followed by a replay from any earlier snapshot, gives for every input the
 * outcome that it had the first time, ids included.
 */
export const checkReplayLaw = <S, I, Q, R, O>(
  stage: EitherStage<S, I, Q, R, O>,
  inputs: fc.Arbitrary<readonly I[]>,
  options: LawOptions<O> = {},
): Promise<void> => {
  const { key = 'tenant/sensor', numRuns = 30, equal = sameBits } = options;
  return fc.assert(
    fc.asyncProperty(inputs, fc.nat(), sizes, async (all, at, split) => {
      const snapshotAt = all.length === 0 ? 0 : at % all.length;
      const live = await runBatches(stage, key, [all]);
      const before = await runBatches(stage, key, cut(all.slice(0, snapshotAt), split));
      let state = deserialize(serialize(before.state)) as S;
      const replayed: Outcome<O>[] = [];
      for (const batch of cut(all.slice(snapshotAt), split)) {
        const after = await stepOnce(stage, state, batch);
        replayed.push(...after.outcomes);
        state = after.state;
      }
      const found = difference(live.outcomes.slice(snapshotAt), replayed, equal);
      if (found !== undefined) throw new Error(`Replay from input ${snapshotAt} differed at ${found}`);
    }),
    { numRuns },
  );
};
