import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that cannot be mistaken for a later one that got the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque: clock ticks after boot on Linux, the start date elsewhere. */
  startTime: string;
}

/**
 * Start time from the text of `/proc/<pid>/stat` (field 22); undefined for a zombie, which is dead but not yet reaped. One
 * whose other threads are still ending has its ports and files until they have: it counts as running.
 * The command name (field 2) may hold spaces and parentheses.
 */
export const parseStat = (stat: string, threads = 1): string | undefined => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isDead = fields[0] === 'X' || (fields[0] === 'Z' && threads <= 1);
  return isDead ? undefined : fields[19];
};

/** When the process started; undefined when it does not run (any more). */
export const startTimeOf = (pid: number): string | undefined => {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return parseStat(stat, readdirSync(`/proc/${pid}/task`).length);
    }
    const date = execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], { encoding: 'utf8' }).trim();
    return date === '' ? undefined : date;
  } catch {
    return undefined;
  }
};

export const identify = (pid: number): ProcessIdentity | undefined => {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
};

/** True while exactly this process runs; false when its pid is free or belongs to another process by now. */
export const isRunning = (identity: ProcessIdentity): boolean => startTimeOf(identity.pid) === identity.startTime;

/** Signals exactly this process. False when it no longer runs; a process with the same pid is never touched. */
export const signalProcess = (identity: ProcessIdentity, signal: NodeJS.Signals): boolean => {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch {
    return false;
  }
};

/** Resolves true when the process is gone, false when `timeoutMs` passed first. */
export const waitForExit = async (identity: ProcessIdentity, timeoutMs: number): Promise<boolean> => {
  const deadline = performance.now() + timeoutMs;
  while (isRunning(identity)) {
    if (performance.now() >= deadline) return false;
    await sleep(25);
  }
  return true;
};

/** SIGTERM, then SIGKILL after `graceMs`. Resolves when the process is gone: true if it went by itself. */
export const endProcess = async (identity: ProcessIdentity, graceMs: number): Promise<boolean> => {
  signalProcess(identity, 'SIGTERM');
  if (await waitForExit(identity, graceMs)) return true;
  signalProcess(identity, 'SIGKILL');
  await waitForExit(identity, 2000);
  return false;
};
