// `npm test`: everything. Ends with one line `N passed, N failed`; exit status 1 when anything failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureSetUp, root } from './bootstrap.mjs';

const started = Date.now();
const say = (text) =>
  process.stdout.write(`[${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s] ${text}\n`);

await ensureSetUp();

const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const env = {
  ...process.env,
  PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env.PATH}`,
  NX_DAEMON: 'false',
};
const run = (command, args, extraEnv = {}) =>
  spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...env, ...extraEnv } }).status === 0;

const totals = { passed: 0, failed: 0 };
const failures = [];

const check = (name, command, args) => {
  say(`${name} …`);
  if (run(command, args)) totals.passed += 1;
  else {
    totals.failed += 1;
    failures.push(name);
  }
};

const jest = (project, args = []) => {
  say(`${project} tests …`);
  const folder = mkdtempSync(path.join(tmpdir(), 'earshot-test-'));
  const report = path.join(folder, 'report.json');
  const ok = run(bin('node'), [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--selectProjects',
    project,
    '--json',
    `--outputFile=${report}`,
    // A handle that a suite left open must not hold up the count.
    '--forceExit',
    ...args,
  ]);
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    totals.passed += result.numPassedTests;
    // A suite that does not even load counts as one failure.
    totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    if (result.numTotalTests === 0) failures.push(`${project}: no test ran`);
    if (!result.success) failures.push(`${project} tests`);
  } catch (error) {
    totals.failed += 1;
    failures.push(`${project}: no report (${error.message})`);
  }
  if (!ok && failures.length === 0) failures.push(`${project}: jest ended with an error`);
  rmSync(folder, { recursive: true, force: true });
};

check('prettier', bin('prettier'), ['--check', '--log-level', 'warn', '.']);
check('buf lint', bin('buf'), ['lint']);
check('buf breaking', bin('buf'), ['breaking', '--against', 'proto/baseline.binpb']);
check('generated pages', bin('node'), ['tools/dist/docs/main.js', '--check']);
check('tsc', bin('tsc'), ['-p', 'tsconfig.json']);
check('tsc (console)', bin('tsc'), ['-p', 'services/console/tsconfig.json']);
check('eslint', bin('node'), ['tools/bin/lint.mjs']);
jest('unit');
jest('integration', ['--runInBand', '--testTimeout=60000']);
jest('e2e', ['--runInBand', '--testTimeout=600000']);

if (failures.length > 0 && totals.failed === 0) totals.failed = failures.length;
for (const failure of failures) say(`failed: ${failure}`);
say('done');
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
process.exit(totals.failed === 0 ? 0 : 1);
