import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { freeMbOf } from '../process/disk.js';
import { UserError } from '../process/wait.js';

export interface Prerequisite {
  name: string;
  /** Debian packages to try, in this order. */
  packages: readonly string[];
  present: () => boolean;
}

/** The major version in what `java -version` prints: 17 for "17.0.15", 8 for "1.8.0_292". */
export const javaMajor = (printed: string): number | undefined => {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(printed) ?? [];
  if (first === undefined) return undefined;
  return first === '1' ? Number(second) : Number(first);
};

const runs = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

export const java: Prerequisite = {
  name: 'Java 17 or later',
  packages: ['openjdk-17-jre-headless', 'default-jre-headless'],
  present: () => {
    const { error, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
    return error === undefined && (javaMajor(stderr) ?? 0) >= 17;
  },
};

export const maven: Prerequisite = { name: 'Maven', packages: ['maven'], present: () => runs('mvn', ['--version']) };

/** For the browser tests only. */
export const chromium: Prerequisite = {
  name: 'Chromium',
  packages: ['chromium', 'chromium-browser'],
  present: () => ['chromium', 'chromium-browser', 'google-chrome'].some((command) => runs(command, ['--version'])),
};

/**
 * Installs what is missing where that is possible without a question (root on Debian or Ubuntu).
 *
 * @throws UserError with the exact command to run where it is not.
 */
export const ensurePrerequisites = async (
  wanted: readonly Prerequisite[],
  progress: (message: string) => void,
): Promise<void> => {
  const missing = wanted.filter(({ present }) => !present());
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(' and ');
  const packages = missing.map(({ packages: [first] }) => first ?? '').join(' ');
  const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  if (!mayInstall) {
    const hint = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages}`;
    throw new UserError(`${names} missing. On Debian or Ubuntu: ${hint}`);
  }
  progress(`installing ${names} with apt-get`);
  await apt(['update', '-q']);
  for (const { name, packages: alternatives, present } of missing) {
    for (const candidate of alternatives) {
      if (present()) break;
      await apt(['install', '-y', '-q', '--no-install-recommends', candidate]).catch(() => undefined);
    }
    if (present()) continue;
    const command = `apt-get install -y --no-install-recommends ${alternatives[0] ?? ''}`;
    throw new UserError(`${name} could not be installed. See what this says: ${command}`);
  }
};

const apt = async (args: readonly string[]): Promise<void> => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  const status = await new Promise<number | null>((resolve) => {
    child.once('error', () => {
      resolve(null);
    });
    child.once('close', resolve);
  });
  if (status !== 0) throw new UserError(`apt-get ${args.join(' ')} failed with status ${String(status)}.`);
};

const NEEDED_MB = 1024;

/** @throws UserError when less than 1 GiB is free where the data goes. */
export const assertDiskSpace = (stateDir: string): void => {
  const free = freeMbOf(stateDir);
  if (free === null || free >= NEEDED_MB) return;
  throw new UserError(
    `The disk is nearly full: ${free} MiB free for ${stateDir}, 1 GiB is needed. Free some, or move the data: EARSHOT_STATE_DIR=<folder>.`,
  );
};
