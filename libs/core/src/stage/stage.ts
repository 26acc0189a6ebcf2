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

/** What `prepare` says of one input: an outcome at once, or queries whose answers `interpret` turns into outputs. */
export type Prepared<Q, O> =
  { readonly kind: 'outcome'; readonly outcome: Outcome<O> } | { readonly kind: 'ask'; readonly queries: readonly Q[] };

/**
 * A stage with one asynchronous step: pure `prepare`, then `resolve` over the queries of all keys together, then pure
 * `interpret`. Answers do not reach the state, so the laws hold whatever the batching.
 */
export interface BatchedStage<S, I, Q, R, O> {
  init(key: SensorKey): S;
  /** Exactly one `Prepared` per input, in order. */
  prepare(state: S, batch: readonly I[]): { readonly state: S; readonly prepared: readonly Prepared<Q, O>[] };
  /** One answer per query, in order. An error fails the whole batch, which is then tried again. */
  resolve(queries: readonly Q[]): Promise<readonly R[]>;
  interpret(query: Q, answer: R): readonly O[];
  /** Queries left when a finite input ends. */
  flush(state: S): readonly Q[];
}

export type AnyStage<S, I, O> = Stage<S, I, O> | BatchedStage<S, I, unknown, unknown, O>;

/** Runs a stage over a finite input in one go; what `analyze` and tests do. */
export const runStage = <S, I, O>(stage: Stage<S, I, O>, key: SensorKey, inputs: readonly I[]): readonly O[] => {
  const { state, outcomes } = stage.step(stage.init(key), inputs);
  return [...emitted(outcomes), ...stage.flush(state)];
};

export const emitted = <O>(outcomes: readonly Outcome<O>[]): readonly O[] =>
  outcomes.flatMap((outcome) => (outcome.kind === 'emit' ? outcome.values : []));
