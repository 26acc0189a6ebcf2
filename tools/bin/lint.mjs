// eslint over everything, and the compiled kernels against their source. The rule of module boundaries reads Nx's project graph and is silently skipped without one: make it first.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const run = (name, args, stdio) => {
  const command = name === 'node' ? process.execPath : path.join(root, 'node_modules', '.bin', name);
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio,
    env: { ...process.env, NX_DAEMON: 'false' },
  });
  if (status !== 0) process.exit(status ?? 1);
};

run('nx', ['show', 'projects'], ['ignore', 'ignore', 'inherit']);
// No --cache: what a typed rule says of a file depends on other files.
run('eslint', ['.', '--max-warnings', '0'], 'inherit');
// What is compiled and committed is compiled from what is committed.
run('node', ['tools/bin/kernels.mjs', '--check'], 'inherit');
