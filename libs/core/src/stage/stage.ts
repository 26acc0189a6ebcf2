/**
 * What a stage is: pure, synchronous, without a clock. Event time arrives in the data.
 *
 * Two laws hold for every stage and are property-tested (`@earshot/testing/laws`):
 * chunking never changes results (any split of the input gives the same outputs in the same order), and
 * replay equals live (the same input read again gives the same outputs with the same ids).
 */

/** `tenant/sensor`. */
export type SensorKey = string;

/** Why a record was not used, though nothing is wrong with it. Closed set; also the metric label. */
export type DropReason = 'duplicate' | 'late' | 'silent' | 'out-of-scope' | 'unknown-sensor' | 'disabled';

/** Why a record can't be used. Closed set; also the metric label. */
export type DlqReason = 'undecodable' | 'invalid' | 'unsupported' | 'oversize' | 'stage-error';

export type Outcome<O> =
  | { readonly kind: 'emit'; readonly values: readonly O[] }
  | { readonly kind: 'drop'; readonly reason: DropReason }
  | { readonly kind: 'dlq'; readonly reason: DlqReason; readonly cause: string };

export const emit = <O>(...values: readonly O[]): Outcome<O> => ({ kind: 'emit', values });
export const drop = <O = never>(reason: DropReason): Outcome<O> => ({ kind: 'drop', reason });
export const dlq = <O = never>(reason: DlqReason, cause: string): Outcome<O> => ({ kind: 'dlq', reason, cause });

export interface StepResult<S, O> {
  readonly state: S;
  /** Exactly one per input, in the order of the inputs. */
  readonly outcomes: readonly Outcome<O>[];
}

/**
 * A keyed stage. `S` is a plain value (objects, arrays, typed arrays, strings, numbers, booleans, null): it is stored by
 * structured clone. `step` never changes the state it was given.
 */
export interface Stage<S, I, O> {
  init(key: SensorKey): S;
  step(state: S, batch: readonly I[]): StepResult<S, O>;
  /** The input is finite and ended (a file). Never called by a shutdown. */
  flush(state: S): readonly O[];
}

/**
 * Where one input of an asking stage stands: done, or waiting for the answers to its queries. `answered` is pure and takes
 * one answer per query, in order.
 */
export type Turn<S, Q, R, O> =
  | { readonly kind: 'done'; readonly state: S; readonly outcome: Outcome<O> }
  | { readonly kind: 'ask'; readonly queries: readonly Q[]; answered(answers: readonly R[]): Turn<S, Q, R, O> };

export const done = <S, O>(state: S, outcome: Outcome<O>): Turn<S, never, never, O> => ({
  kind: 'done',
  state,
  outcome,
});

/**
 * A keyed stage that asks (a network) as it goes, and whose answers reach the state. Inputs of a key come one by one; those
 * of different keys go side by side, in waves: every key goes on until it asks, then all are asked together.
 *
 * The laws hold because an answer depends, bit for bit, on nothing but its query: not on what else is asked with it.
 * An input has no effect on the state before it is done.
 */
export interface RecurrentStage<S, I, Q, R, O> {
  init(key: SensorKey): S;
  step(state: S, input: I): Turn<S, Q, R, O>;
  /**
   * One answer per query, in order. Rejects with `ResolverAwayError` when it could not be asked at all: everything is then
   * tried again. Any other error is held against the queries.
   */
  resolve(queries: readonly Q[]): Promise<readonly R[]>;
  /** The input is finite and ended (a file). Its outcome emits what is left. */
  flush(state: S): Turn<S, Q, R, O>;
}

/** What answers queries is not there at the moment, whatever is asked. */
export class ResolverAwayError extends Error {
  override readonly name = 'ResolverAwayError';
}

export type AnyStage<S, I, O> = Stage<S, I, O> | RecurrentStage<S, I, unknown, unknown, O>;

export const isRecurrent = <S, I, Q, R, O>(
  stage: Stage<S, I, O> | RecurrentStage<S, I, Q, R, O>,
): stage is RecurrentStage<S, I, Q, R, O> => 'resolve' in stage;

/** Goes on with one turn until it is done. */
export const finishTurn = async <S, Q, R, O>(
  resolve: (queries: readonly Q[]) => Promise<readonly R[]>,
  turn: Turn<S, Q, R, O>,
): Promise<{ readonly state: S; readonly outcome: Outcome<O> }> => {
  let current = turn;
  while (current.kind === 'ask') current = current.answered(await resolve(current.queries));
  return current;
};

/** Runs a stage over a finite input in one go; what `analyze` and tests do. */
export const runStage = <S, I, O>(stage: Stage<S, I, O>, key: SensorKey, inputs: readonly I[]): readonly O[] => {
  const { state, outcomes } = stage.step(stage.init(key), inputs);
  return [...emitted(outcomes), ...stage.flush(state)];
};

export const emitted = <O>(outcomes: readonly Outcome<O>[]): readonly O[] =>
  outcomes.flatMap((outcome) => (outcome.kind === 'emit' ? outcome.values : []));
