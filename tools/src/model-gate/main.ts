import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadModelBundle } from '@earshot/platform/onnx';
import { refusals, type GateFigures } from './gate.js';
import { bundleFolder, readRecord, RECORD_FILE } from './installed.js';
import { measure, shown } from './measure.js';
import { fixedSet } from './sounds.js';

const usage = `npm run model-gate -- [--record] [BUNDLE…]

Measures bundles of models/bundles on the gate's fixed set of sounds and compares with models/figures-of-record.json: all
that are of record, or the named ones. Status 1: a bundle is worse.

  --record   writes what was measured as the new figures of record: after training, with the reason in the commit
`;

const { values, positionals } = parseArgs({
  options: { record: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  allowPositionals: true,
});

const run = async (named: readonly string[]): Promise<void> => {
  const record = await readRecord();
  const ids = named.length > 0 ? named : Object.keys(record);
  const found: Record<string, GateFigures> = {};
  const sounds = await shown(fixedSet());
  for (const id of ids) {
    const bundle = await loadModelBundle(bundleFolder(id));
    const figures = await measure(bundle, sounds);
    await bundle.network.close();
    found[id] = figures;
    const known = record[id];
    const worse = known === undefined ? ['no figures of record'] : refusals(known, figures);
    process.stdout.write(`${id}: ${JSON.stringify(figures)}\n${worse.map((each) => `  ${each}\n`).join('')}`);
    if (worse.length > 0 && !values.record) process.exitCode = 1;
  }
  if (values.record) await writeFile(RECORD_FILE, `${JSON.stringify({ ...record, ...found }, null, 2)}\n`);
};

if (values.help) process.stdout.write(usage);
else await run(positionals);
