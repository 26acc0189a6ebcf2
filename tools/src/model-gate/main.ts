import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { figuresOfRecord, refusals, type FiguresOfRecord, type GateFigures } from './gate.js';
import { atGateRate, measure, openBundle, readFold } from './measure.js';
import { fixedSet } from './sounds.js';

const usage = `npm run model-gate -- [--record]

Measures the installed classifiers on the gate's fixed set (and, where recordings are there, esc10-cnn-folds-1-3 on the
fold that it did not see) and compares with models/figures-of-record.json. Status 1: a bundle is worse.

  --record   writes what was measured as the new figures of record: after training, with the reason in the commit
`;

const MODELS = join(import.meta.dirname, '../../../models');
const RECORD = join(MODELS, 'figures-of-record.json');
const RECORDINGS = process.env['EARSHOT_RECORDINGS'] ?? join(MODELS, '../../shared/data');
const SYNTHETIC = ['esc10-cnn', 'esc10-cnn-int8'];
const HELD_OUT = { bundle: 'esc10-cnn-folds-1-3', fold: 4 };

const bundle = (id: string) => openBundle(join(MODELS, 'bundles', id));

const measured = async (): Promise<FiguresOfRecord> => {
  const found: Record<string, Record<string, GateFigures>> = {};
  const sounds = atGateRate(fixedSet());
  for (const id of SYNTHETIC) found[id] = { synthetic: await measure(await bundle(id), sounds) };
  const clips = await readFold(RECORDINGS, HELD_OUT.fold);
  if (clips !== null)
    found[HELD_OUT.bundle] = { [`fold-${HELD_OUT.fold}`]: await measure(await bundle(HELD_OUT.bundle), clips) };
  return found;
};

const { values } = parseArgs({
  options: { record: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
});
if (values.help) process.stdout.write(usage);
else {
  const record = figuresOfRecord.parse(JSON.parse(await readFile(RECORD, 'utf8').catch(() => '{}')));
  const found = await measured();
  for (const [id, sets] of Object.entries(found))
    for (const [set, figures] of Object.entries(sets)) {
      const known = record[id]?.[set];
      const worse = known === undefined ? ['no figures of record'] : refusals(known, figures);
      process.stdout.write(
        `${id} on ${set}: ${JSON.stringify(figures)}\n${worse.map((each) => `  ${each}\n`).join('')}`,
      );
      if (worse.length > 0 && !values.record) process.exitCode = 1;
    }
  if (values.record) await writeFile(RECORD, `${JSON.stringify({ ...record, ...found }, null, 2)}\n`);
}
