import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, openSync, renameSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';

export interface SpawnOptions {
  command: string;
  args: readonly string[];
  cwd: string;
  /** The whole environment of the child. */
  env: NodeJS.ProcessEnv;
  /** Standard output and error are appended here. */
  logFile: string;
}

let parentDeathSignal: boolean | undefined;

/** Whether `setpriv` can ask the kernel to end a child together with its parent (util-linux, so nearly every Linux). */
const hasParentDeathSignal = (): boolean => {
  parentDeathSignal ??=
    process.platform === 'linux' &&
    spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0;
  return parentDeathSignal;
};

/**
 * Starts a child that writes to a log file by itself, in a process group of its own (Ctrl-C reaches the supervisor only,
 * which stops its children in order). Where the kernel can, the child gets SIGTERM when this process dies in any way.
 */
export const spawnLogged = (options: SpawnOptions): ChildProcess => {
  mkdirSync(path.dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  try {
    const wrapped = hasParentDeathSignal()
      ? { command: 'setpriv', args: ['--pdeathsig', 'TERM', '--', options.command, ...options.args] }
      : options;
    return spawn(wrapped.command, wrapped.args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', log, log],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
};

/**
 * Keeps a log that others append to near `maxBytes`: its text moves to `<file>.1` (the older to `.2`) and it starts
 * empty again. Lines written in the instant between the copy and the cut are lost.
 */
export const rotateLog = (file: string, maxBytes: number): void => {
  try {
    if (statSync(file).size <= maxBytes) return;
    try {
      renameSync(`${file}.1`, `${file}.2`);
    } catch {
      // There was no older one.
    }
    copyFileSync(file, `${file}.1`);
    truncateSync(file, 0);
  } catch {
    // No log yet, or the disk is full: nothing a log may stop the stack for.
  }
};
