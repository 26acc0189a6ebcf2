import { join } from 'node:path';
import type { z } from 'zod';
import { startAnswering, type Answering } from './answering.js';
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

export type Reference<T> = Answering<T>;

/** A Python process of tools/bench/ on one thread. */
export const startReference = <T>(
  python: string,
  script: string,
  args: readonly string[],
  answer: z.ZodType<T>,
): Reference<T> => {
  const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', NUMBA_NUM_THREADS: '1' };
  return startAnswering(python, [join(benchFolder, script), ...args], answer, threads);
};
