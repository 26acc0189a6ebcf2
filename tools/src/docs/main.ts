import { readFile, writeFile } from 'node:fs/promises';
import { topicsPage } from './topics-page.js';

/** Writes the generated pages under docs/; with `--check` only says whether they are up to date (exit status 1: not). */
const pages = [{ path: 'docs/topics.md', content: topicsPage() }];

const check = process.argv.includes('--check');
let stale = false;
for (const { path, content } of pages) {
  if (!check) {
    await writeFile(path, content);
    continue;
  }
  if ((await readFile(path, 'utf8').catch(() => '')) === content) continue;
  stale = true;
  process.stderr.write(`${path} is not up to date: run \`npm run docs:topics\`\n`);
}
process.exitCode = stale ? 1 : 0;
