import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** No Python for a reference; the message says why. */
export class PythonError extends Error {}

const run = async (command: string, args: readonly string[]): Promise<void> => {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new PythonError(`${command}: ${error.message}`)));
    child.once('close', resolve);
  });
  if (status !== 0) throw new PythonError(`${command} ${args.join(' ')}: status ${String(status)}\n${said.trim()}`);
};

/**
 * An interpreter with these packages, in an environment of its own under .earshot/bench/ that is made when it is missing or the
 * requirements changed (needs Python 3.11 or later with venv, and a package index).
 *
 * @returns path of the interpreter. @throws PythonError when there is none.
 */
export const ensurePython = async (requirements: string): Promise<string> => {
  const folder = '.earshot/bench';
  const python = join(folder, 'venv/bin/python');
  const stamp = join(folder, 'requirements.txt');
  const wanted = await readFile(requirements, 'utf8');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return python;
  process.stderr.write(`Making ${folder}/venv for the reference …\n`);
  await mkdir(folder, { recursive: true });
  await run('python3', ['-m', 'venv', '--clear', join(folder, 'venv')]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
  await writeFile(stamp, wanted);
  return python;
};
