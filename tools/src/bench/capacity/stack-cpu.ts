import { processesOf as recordOf } from '../../chaos/inject.js';
import type { OwnStack } from '../../testing/own-stack.js';
import { cpuSecondsOf, residentMbOf } from '../../process/usage.js';

/** CPU time of every process of a stack so far, s. */
export type StackCpu = ReadonlyMap<string, number>;

/** Name and process id of everything that takes part: services, broker, database. */
export const processesOf = (stack: OwnStack): readonly { readonly name: string; readonly pid: number }[] =>
  recordOf(stack).flatMap(({ name, identity }) => (identity === null ? [] : [{ name, pid: identity.pid }]));

export const cpuOf = (stack: OwnStack): StackCpu =>
  new Map(processesOf(stack).map(({ name, pid }) => [name, cpuSecondsOf(pid)]));

export const memoryMbOf = (stack: OwnStack): ReadonlyMap<string, number> =>
  new Map(processesOf(stack).map(({ name, pid }) => [name, residentMbOf(pid)]));

export const cpuBetween = (before: StackCpu, after: StackCpu): ReadonlyMap<string, number> =>
  new Map([...after].map(([name, cpuS]) => [name, cpuS - (before.get(name) ?? 0)]));

export const totalOf = (cpu: ReadonlyMap<string, number>): number => [...cpu.values()].reduce((sum, s) => sum + s, 0);
