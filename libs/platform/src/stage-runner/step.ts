import {
  isRecurrent,
  ResolverAwayError,
  type AnyStage,
  type Outcome,
  type RecurrentStage,
  type Stage,
  type StepResult,
  type Turn,
} from '@earshot/core/stage';

export interface KeyBatch<S, I> {
  readonly state: S;
  readonly inputs: readonly I[];
}

const bug = (error: unknown): Outcome<never> => ({
  kind: 'dlq',
  reason: 'stage-error',
  cause: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
});

/**
 * Steps over inputs; where that throws (a bug), goes record by record, so that only the record that provokes it is lost
 * to the DLQ and the state stays as before it.
 */
const stepPlain = <S, I, O>(stage: Stage<S, I, O>, { state, inputs }: KeyBatch<S, I>): StepResult<S, O> => {
  try {
    return stage.step(state, inputs);
  } catch (error) {
    if (inputs.length === 1) return { state, outcomes: [bug(error)] };
  }
  let current = state;
  const outcomes = inputs.flatMap((input) => {
    const one = stepPlain(stage, { state: current, inputs: [input] });
    current = one.state;
    return one.outcomes;
  });
  return { state: current, outcomes };
};

type Asking<S, O> = Extract<Turn<S, unknown, unknown, O>, { kind: 'ask' }>;

/** One key on its way through its inputs. */
class Walk<S, I, O> {
  readonly outcomes: Outcome<O>[] = [];
  /** What it waits for; undefined: all its inputs are done. */
  asking: Asking<S, O> | undefined;

  constructor(
    private readonly stage: RecurrentStage<S, I, unknown, unknown, O>,
    private readonly inputs: readonly I[],
    /** After the inputs that are done. */
    public state: S,
  ) {
    this.goOn();
  }

  answered(answers: readonly unknown[]): void {
    const { asking } = this;
    if (asking !== undefined) this.take(() => asking.answered(answers));
    this.goOn();
  }

  /** The input at hand is lost; the state stays as before it. */
  failed(error: unknown): void {
    this.asking = undefined;
    this.outcomes.push(bug(error));
    this.goOn();
  }

  private goOn(): void {
    while (this.asking === undefined && this.outcomes.length < this.inputs.length) {
      const input = this.inputs[this.outcomes.length] as I;
      this.take(() => this.stage.step(this.state, input));
    }
  }

  private take(turn: () => Turn<S, unknown, unknown, O>): void {
    this.asking = undefined;
    try {
      const next = turn();
      if (next.kind === 'ask') this.asking = next;
      else {
        this.state = next.state;
        this.outcomes.push(next.outcome);
      }
    } catch (error) {
      this.outcomes.push(bug(error));
    }
  }
}

const resolveFor = async <S, I, O>(
  stage: RecurrentStage<S, I, unknown, unknown, O>,
  asked: readonly (readonly unknown[])[],
): Promise<readonly (readonly unknown[])[]> => {
  const queries = asked.flat();
  const answers = queries.length === 0 ? [] : await stage.resolve(queries);
  if (answers.length !== queries.length) throw new Error(`${answers.length} answers for ${queries.length} queries`);
  let next = 0;
  return asked.map((mine) => answers.slice(next, (next += mine.length)));
};

/** Asks for all walks at once; where that fails (a bug), one by one, so that only the one that provokes it loses its input. */
const answerWave = async <S, I, O>(
  stage: RecurrentStage<S, I, unknown, unknown, O>,
  walks: readonly Walk<S, I, O>[],
): Promise<void> => {
  try {
    const answers = await resolveFor(
      stage,
      walks.map(({ asking }) => asking?.queries ?? []),
    );
    walks.forEach((walk, index) => walk.answered(answers[index] ?? []));
    return;
  } catch (error) {
    if (error instanceof ResolverAwayError) throw error;
    if (walks.length === 1) {
      walks[0]?.failed(error);
      return;
    }
  }
  for (const walk of walks) await answerWave(stage, [walk]);
};

const stepRecurrent = async <S, I, O>(
  stage: RecurrentStage<S, I, unknown, unknown, O>,
  batches: readonly KeyBatch<S, I>[],
): Promise<readonly StepResult<S, O>[]> => {
  const walks = batches.map(({ state, inputs }) => new Walk(stage, inputs, state));
  for (;;) {
    const asking = walks.filter((walk) => walk.asking !== undefined);
    if (asking.length === 0) return walks.map(({ state, outcomes }) => ({ state, outcomes }));
    await answerWave(stage, asking);
  }
};

/** A turn of the event loop is not held longer than this and one key's work: health checks and heartbeats go on meanwhile. */
const HOLD_MS = 50;

const stepInTurns = async <S, I, O>(
  stage: Stage<S, I, O>,
  batches: readonly KeyBatch<S, I>[],
): Promise<readonly StepResult<S, O>[]> => {
  const results: StepResult<S, O>[] = [];
  let begunMs = performance.now();
  for (const batch of batches) {
    results.push(stepPlain(stage, batch));
    if (performance.now() - begunMs < HOLD_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    begunMs = performance.now();
  }
  return results;
};

/**
 * Steps all keys of a slice; the order of the results is the order of the batches.
 * @throws ResolverAwayError when what a stage asks is not there: nothing has happened, the slice can be tried again.
 */
export const stepKeys = <S, I, O>(
  stage: AnyStage<S, I, O>,
  batches: readonly KeyBatch<S, I>[],
): Promise<readonly StepResult<S, O>[]> =>
  isRecurrent(stage) ? stepRecurrent(stage, batches) : stepInTurns(stage, batches);
