import { ResolverAwayError } from '@earshot/core/stage';

/** Work on rows, and what is to happen when all that was asked before is done. */
type Entry<T, R> =
  | {
      readonly kind: 'rows';
      readonly rows: readonly T[];
      resolve(results: readonly R[]): void;
      reject(error: unknown): void;
    }
  | {
      readonly kind: 'then';
      readonly work: () => Promise<void>;
      readonly resolve: () => void;
      readonly reject: (error: unknown) => void;
    };
type Call<T, R> = Extract<Entry<T, R>, { kind: 'rows' }>;

export interface RunQueue<T, R> {
  /** One result per row, in order. */
  run(rows: readonly T[]): Promise<readonly R[]>;
  /** Runs when everything asked before has been answered; nothing asked later begins before it is done. */
  after(work: () => Promise<void>): Promise<void>;
}

/**
 * One run at a time; calls that wait meanwhile go into the next one together, up to `most` rows (a larger call goes alone, in
 * parts). When a run of several calls fails each is tried alone, so that none fails for another's sake.
 */
export const createRunQueue = <T, R>(
  runRows: (rows: readonly T[]) => Promise<readonly R[]>,
  most: number,
): RunQueue<T, R> => {
  const waiting: Entry<T, R>[] = [];
  let busy = false;

  const runAll = async (rows: readonly T[]): Promise<readonly R[]> => {
    const results: R[] = [];
    for (let at = 0; at < rows.length; at += most) results.push(...(await runRows(rows.slice(at, at + most))));
    return results;
  };
  const runAlone = (call: Call<T, R>): Promise<void> =>
    runAll(call.rows).then(
      (results) => call.resolve(results),
      (error: unknown) => call.reject(error),
    );
  const runTogether = async (calls: readonly Call<T, R>[]): Promise<void> => {
    const [first, ...others] = calls;
    if (first !== undefined && others.length === 0) return runAlone(first);
    try {
      const results = await runAll(calls.flatMap(({ rows }) => rows));
      let at = 0;
      for (const call of calls) call.resolve(results.slice(at, (at += call.rows.length)));
    } catch (error) {
      if (error instanceof ResolverAwayError) calls.forEach((call) => call.reject(error));
      else for (const call of calls) await runAlone(call);
    }
  };
  /** The calls at the head of the queue that fit into one run. */
  const takeCalls = (): readonly Call<T, R>[] => {
    const calls: Call<T, R>[] = [];
    let rows = 0;
    for (let next = waiting[0]; next?.kind === 'rows'; next = waiting[0]) {
      if (calls.length > 0 && rows + next.rows.length > most) break;
      rows += next.rows.length;
      calls.push(next);
      waiting.shift();
    }
    return calls;
  };
  const goOn = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (next.kind === 'rows') await runTogether(takeCalls());
      else {
        waiting.shift();
        await next.work().then(next.resolve, next.reject);
      }
    }
    busy = false;
  };
  return {
    run: (rows) =>
      new Promise((resolve, reject) => {
        waiting.push({ kind: 'rows', rows, resolve, reject });
        void goOn();
      }),
    after: (work) =>
      new Promise((resolve, reject) => {
        waiting.push({ kind: 'then', work, resolve, reject });
        void goOn();
      }),
  };
};
