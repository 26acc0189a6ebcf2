import { residentMbOf } from '../process/usage.js';
import type { OwnStack } from '../testing/own-stack.js';
import { processesOf } from './inject.js';

/** Resident memory of Earshot's own services, MB. */
export interface MemoryMb {
  readonly total: number;
  readonly byService: Readonly<Record<string, number>>;
}

const OTHERS = new Set(['kafka', 'clickhouse']);

/** On Linux; elsewhere 0. */
export const memoryOf = (stack: OwnStack): MemoryMb => {
  const byService = Object.fromEntries(
    processesOf(stack)
      .filter(({ name }) => !OTHERS.has(name))
      .map(({ name, identity }) => [name, identity === null ? 0 : Math.round(residentMbOf(identity.pid))]),
  );
  return { total: Object.values(byService).reduce((sum, mb) => sum + mb, 0), byService };
};
