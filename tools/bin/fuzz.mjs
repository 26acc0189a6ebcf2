// npm run fuzz -- --minutes N [--target PATTERN]: the fuzz properties that every test run has briefly, for N minutes together.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureSetUp, root } from './bootstrap.mjs';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, target: { type: 'string', default: '' } },
});
const minutes = Number(values.minutes);
if (!(minutes > 0 && minutes <= 10_000)) {
  process.stderr.write(`--minutes ${values.minutes}: above 0, up to 10000\n`);
  process.exit(2);
}
await ensureSetUp();

const jest = path.join(root, 'node_modules/jest/bin/jest.js');
const node = path.join(root, 'node_modules/.bin/node');
const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const select = [
  '--selectProjects',
  'unit',
  'integration',
  '--testPathPatterns',
  `${values.target}.*fuzz\\.(integration\\.)?spec`,
];
const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` };
const run = (args, extra = {}) =>
  spawnSync(node, [...options, jest, ...select, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...env, ...extra.env },
    stdio: extra.stdio,
  });

const files = run(['--listTests'])
  .stdout.split('\n')
  .filter((file) => /fuzz\.(integration\.)?spec\.ts$/.test(file));
const properties = files.reduce((sum, file) => sum + readFileSync(file, 'utf8').split('await fuzz(').length - 1, 0);
if (properties === 0) {
  process.stderr.write(`--target ${values.target}: no fuzz property is in such a file\n`);
  process.exit(2);
}
const seconds = (minutes * 60) / properties;
process.stdout.write(`${properties} properties in ${files.length} files, ${seconds.toFixed(0)} s each\n`);
const result = run(['--runInBand', '--verbose'], { env: { FUZZ_SECONDS: String(seconds) }, stdio: 'inherit' });
process.exit(result.status ?? 1);
