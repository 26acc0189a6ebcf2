import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { StateFolder } from '../testing/own-stack.js';

const CHUNK = Buffer.alloc(1024 * 1024, 0x5a);
const BALLAST = 'ballast';

const mustRun = (command: string, ...args: readonly string[]): void => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()} (needs root on Linux)`);
};

/** A state folder on a disk of its own, `sizeMb` large, in memory. */
export const smallDisk = (sizeMb: number): StateFolder => ({
  prepare: (stateDir) => mustRun('mount', '-t', 'tmpfs', '-o', `size=${sizeMb}m,mode=0755`, 'tmpfs', stateDir),
  release: (stateDir) => mustRun('umount', '--lazy', stateDir),
});

/** Takes what room is left, to the last block. @returns bytes taken */
export const fillUp = (stateDir: string): number => {
  const file = openSync(join(stateDir, BALLAST), 'a');
  let taken = 0;
  try {
    for (const size of [CHUNK.length, 4096]) {
      try {
        for (;;) taken += writeSync(file, CHUNK, 0, size);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
  return taken;
};

export const makeRoom = (stateDir: string): void => rmSync(join(stateDir, BALLAST), { force: true });
