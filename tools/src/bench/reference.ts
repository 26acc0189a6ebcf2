import { once } from 'node:events';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { ensurePython, PythonError } from './python.js';

/** Where the references and the baselines lie. */
export const benchFolder = join(import.meta.dirname, '../../bench');

export interface FoundPython {
  /** Path of the interpreter. */
  readonly python: string | null;
  /** Why there is none; null: there is one. */
  readonly referenceAbsent: string | null;
}

/** The interpreter of the references, if one is wanted and can be had. */
export const findPython = async (wanted: boolean): Promise<FoundPython> => {
  if (!wanted) return { python: null, referenceAbsent: 'not asked for' };
  try {
    return { python: await ensurePython(join(benchFolder, 'requirements.txt')), referenceAbsent: null };
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    return { python: null, referenceAbsent: error.message };
  }
};

export interface Reference<T> {
  /** One measurement: `line` on its standard input, answered by a line of JSON. */
  ask(line: string): Promise<T>;
  stop(): Promise<void>;
}

/** A Python process of tools/bench/ on one thread; `stop` ends it. @throws PythonError when it ends by itself. */
export const startReference = <T>(
  python: string,
  script: string,
  args: readonly string[],
  answer: z.ZodType<T>,
): Reference<T> => {
  const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', NUMBA_NUM_THREADS: '1' };
  const child = spawn(python, [join(benchFolder, script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...threads },
  });
  // A process that is gone is told by its silence.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async (line) => {
      child.stdin.write(`${line}\n`);
      const { value, done } = (await lines.next()) as { value?: string; done?: boolean };
      if (done === true || value === undefined) throw new PythonError(`${script} ended before it answered`);
      return answer.parse(JSON.parse(value));
    },
    stop: async () => {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
};
