import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchLevels, levelsTable } from './levels.js';

const usage = `npm run bench -- levels [--runs N] [--no-reference] [--json] [--out DIR]

  --runs N         runs of each engine, in turn; 5 or more (7)
  --no-reference   Earshot alone
  --json           one line of JSON instead of the table
  --out DIR        where levels.json and levels.md go (.earshot/bench)
`;

const parse = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      runs: { type: 'string', default: '7' },
      reference: { type: 'boolean', default: true },
      json: { type: 'boolean', default: false },
      out: { type: 'string', default: '.earshot/bench' },
    },
  });
  const runs = Number(values.runs);
  if (positionals.length !== 1 || positionals[0] !== 'levels') throw new Error('which bench? There is: levels');
  if (!Number.isInteger(runs) || runs < 5) throw new Error(`--runs ${values.runs}: a whole number, 5 or more`);
  return { ...values, runs };
};

try {
  const { runs, reference, json, out } = parse();
  const bench = await benchLevels(runs, reference);
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'levels.json'), `${JSON.stringify(bench, null, 1)}\n`);
  await writeFile(join(out, 'levels.md'), levelsTable(bench));
  process.stdout.write(json ? `${JSON.stringify(bench)}\n` : levelsTable(bench));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
