import { readFileSync } from 'node:fs';
import type { OwnStack } from '../testing/own-stack.js';
import { processesOf } from './inject.js';

/** Resident memory of Earshot's own services, MB. */
export interface MemoryMb {
  readonly total: number;
  readonly byService: Readonly<Record<string, number>>;
}

const OTHERS = new Set(['kafka', 'clickhouse']);

const residentMb = (pid: number): number => {
  try {
    const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(kb ?? 0) / 1024);
  } catch {
    return 0; // it has ended
  }
};

/** On Linux; elsewhere 0. */
export const memoryOf = (stack: OwnStack): MemoryMb => {
  const byService = Object.fromEntries(
    processesOf(stack)
      .filter(({ name }) => !OTHERS.has(name))
      .map(({ name, identity }) => [name, identity === null ? 0 : residentMb(identity.pid)]),
  );
  return { total: Object.values(byService).reduce((sum, mb) => sum + mb, 0), byService };
};
