import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import { endProcess, identify, isRunning } from '../process/identity.js';
import type { ProcessIdentity } from '../process/identity.js';
import { UserError } from '../process/wait.js';

const identity = z.object({ pid: z.number().int().positive(), startTime: z.string() });
const processRecord = z.object({
  name: z.string(),
  kind: z.enum(['broker', 'engine', 'service', 'simulator']),
  state: z.enum(['waiting', 'starting', 'ready', 'not-ready', 'restarting', 'stopping', 'stopped']),
  identity: identity.nullable(),
  restarts: z.number().int(),
  healthUrl: z.string().nullable(),
});
const stackRecord = z.object({
  supervisor: identity,
  startedAt: z.string(),
  ready: z.boolean(),
  kafkaBrokers: z.string(),
  clickhouseUrl: z.string(),
  apiUrl: z.string(),
  mqttUrl: z.string(),
  grpcUrl: z.string(),
  processes: z.array(processRecord),
});

export type ProcessRecord = z.infer<typeof processRecord>;
export type ProcessState = ProcessRecord['state'];
/** What the running (or the last) stack wrote about itself: .earshot/stack.json. */
export type StackRecord = z.infer<typeof stackRecord>;

const recordFile = (stateDir: string): string => path.join(stateDir, 'stack.json');
const lockFile = (stateDir: string): string => path.join(stateDir, 'stack.lock');

export const readRecord = (stateDir: string): StackRecord | undefined => {
  try {
    return stackRecord.parse(JSON.parse(readFileSync(recordFile(stateDir), 'utf8')));
  } catch {
    return undefined;
  }
};

/** Written whole or not at all. */
export const writeRecord = (stateDir: string, record: StackRecord): void => {
  const incoming = `${recordFile(stateDir)}.incoming`;
  writeFileSync(incoming, JSON.stringify(record, null, 1));
  renameSync(incoming, recordFile(stateDir));
};

/** The record of a stack whose supervisor runs now. */
export const runningStack = (stateDir: string): StackRecord | undefined => {
  const record = readRecord(stateDir);
  return record !== undefined && isRunning(record.supervisor) ? record : undefined;
};

/**
 * Makes this process the only supervisor of the state folder, until it is released or dead.
 *
 * @throws UserError with the pid of the supervisor that has it.
 */
export const claim = (stateDir: string): { release: () => void } => {
  mkdirSync(stateDir, { recursive: true });
  const me = identify(process.pid);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      writeFileSync(lockFile(stateDir), JSON.stringify(me), { flag: 'wx' });
      return {
        release: () => {
          rmSync(lockFile(stateDir), { force: true });
        },
      };
    } catch {
      const owner = readLock(stateDir);
      if (owner !== undefined && isRunning(owner)) throw alreadyRuns(owner);
      rmSync(lockFile(stateDir), { force: true });
    }
  }
  throw new UserError(`${lockFile(stateDir)} cannot be written.`);
};

export const alreadyRuns = (supervisor: ProcessIdentity): UserError =>
  new UserError(`Earshot runs already: process ${supervisor.pid}. Stop it with \`npm run stop\`.`);

const readLock = (stateDir: string): ProcessIdentity | undefined => {
  try {
    return identity.parse(JSON.parse(readFileSync(lockFile(stateDir), 'utf8')));
  } catch {
    return undefined;
  }
};

/**
 * Ends what a killed supervisor left behind: services first, then broker and engine. Only processes whose start time is the
 * recorded one; a pid that belongs to another process by now is left alone. Returns the names of what was ended.
 */
export const endLeftovers = async (record: StackRecord): Promise<string[]> => {
  const left = record.processes.flatMap(({ name, kind, identity: who }) =>
    who !== null && isRunning(who) ? [{ name, kind, who }] : [],
  );
  const first = left.filter(({ kind }) => kind === 'service' || kind === 'simulator');
  const last = left.filter(({ kind }) => kind === 'broker' || kind === 'engine');
  await Promise.all(first.map(({ who }) => endProcess(who, 6000)));
  await Promise.all(last.map(({ who }) => endProcess(who, 8000)));
  return left.map(({ name }) => name);
};
