import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { UserError } from '../process/wait.js';

export interface KafkaJars {
  version: string;
  libsDir: string;
}

const stampName = '.pom-sha256';

/** Where the broker's jars are, whether or not they have been fetched. Shared by all stacks of this clone. */
const describe = (root: string): KafkaJars & { pom: string; stamp: string; home: string } => {
  const pom = path.join(root, 'tools/kafka/pom.xml');
  const text = readFileSync(pom, 'utf8');
  const version = /<kafka\.version>([\w.-]+)<\/kafka\.version>/.exec(text)?.[1];
  if (version === undefined) throw new UserError(`${pom} has no <kafka.version>.`);
  const home = path.join(root, '.earshot/kafka', version);
  return {
    version,
    home,
    libsDir: path.join(home, 'libs'),
    pom,
    stamp: createHash('sha256').update(text).digest('hex'),
  };
};

/** The jars when they are complete and of the pom's version, else undefined. */
export const installedJars = (root: string): KafkaJars | undefined => {
  const { version, libsDir, stamp } = describe(root);
  const stampFile = path.join(libsDir, stampName);
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp ? { version, libsDir } : undefined;
};

/**
 * Fetches the broker's jars with Maven, once: into a folder beside, then renamed, so that a stopped download leaves nothing
 * that looks complete.
 *
 * @throws UserError with Maven's last lines.
 */
export const ensureJars = async (root: string): Promise<KafkaJars> => {
  const installed = installedJars(root);
  if (installed !== undefined) return installed;
  const { version, home, libsDir, pom, stamp } = describe(root);
  const incoming = path.join(home, `incoming-${process.pid}`);
  mkdirSync(incoming, { recursive: true });
  try {
    await runMaven(['-q', '-B', '-ntp', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${incoming}`]);
    writeFileSync(path.join(incoming, stampName), stamp);
    rmSync(libsDir, { recursive: true, force: true });
    renameSync(incoming, libsDir);
  } finally {
    rmSync(incoming, { recursive: true, force: true });
  }
  return { version, libsDir };
};

const runMaven = async (args: readonly string[]): Promise<void> => {
  const child = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let tail = '';
  const keep = (chunk: Buffer): void => {
    tail = (tail + chunk.toString('utf8')).slice(-2000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).catch((error: unknown) => {
    throw new UserError(`Maven (mvn) could not be run to fetch Kafka: ${String(error)}`);
  });
  if (code !== 0)
    throw new UserError(`Maven could not fetch Kafka's jars (exit status ${String(code)}):\n${tail.trim()}`);
};
