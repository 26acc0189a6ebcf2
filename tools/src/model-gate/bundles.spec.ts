/** @jest-environment ./libs/platform/src/onnx/testdata/onnx-environment.mjs */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { withPermutedWeights } from './damage.js';
import { figuresOfRecord, refusals, type FiguresOfRecord, type GateFigures } from './gate.js';
import { atGateRate, measure, openBundle, readFold, type JudgedSound } from './measure.js';
import { fixedSet } from './sounds.js';

jest.setTimeout(600_000);

const MODELS = join(import.meta.dirname, '../../../models');
const RECORDINGS = process.env['EARSHOT_RECORDINGS'] ?? join(MODELS, '../../shared/data');
const DEFAULT = 'esc10-cnn';
const HELD_OUT = { bundle: 'esc10-cnn-folds-1-3', fold: 4 };

const bundleFolder = (id: string): string => join(MODELS, 'bundles', id);
const sounds: readonly JudgedSound[] = atGateRate(fixedSet());

let record: FiguresOfRecord;
let directory: string;
beforeAll(async () => {
  record = figuresOfRecord.parse(JSON.parse(await readFile(join(MODELS, 'figures-of-record.json'), 'utf8')));
  directory = await mkdtemp(join(tmpdir(), 'earshot-gate-'));
});
afterAll(() => rm(directory, { recursive: true }));

const recorded = (id: string, set: string): GateFigures => {
  const figures = record[id]?.[set];
  if (figures === undefined) throw new Error(`no figures of record of ${id} on ${set}: npm run model-gate -- --record`);
  return figures;
};

interface Parts {
  readonly model: Uint8Array;
  readonly manifest: { onnx: { sha256: string }; labels: string[]; detection: object };
}

/** A copy of the default bundle with something about it changed, whole and consistent for the loader. */
const changed = async (name: string, change: (parts: Parts) => Parts): Promise<string> => {
  const folder = join(directory, name);
  await cp(bundleFolder(DEFAULT), folder, { recursive: true });
  const json = await readFile(join(folder, 'manifest.json'), 'utf8');
  const original: Parts = {
    model: await readFile(join(folder, 'model.onnx')),
    manifest: JSON.parse(json) as Parts['manifest'],
  };
  const { model, manifest } = change(original);
  const sha256 = createHash('sha256').update(model).digest('hex');
  await writeFile(join(folder, 'model.onnx'), model);
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, onnx: { ...manifest.onnx, sha256 } }));
  return folder;
};

const verdictOn = async (folder: string): Promise<readonly string[]> =>
  refusals(recorded(DEFAULT, 'synthetic'), await measure(await openBundle(folder), sounds));

describe('the gate', () => {
  it.each([DEFAULT, 'esc10-cnn-int8'])('lets %s through: it is not worse than its figures of record', async (id) => {
    const measured = await measure(await openBundle(bundleFolder(id)), sounds);
    expect(refusals(recorded(id, 'synthetic'), measured)).toEqual([]);
  });

  it('refuses the same network with its weights in another order', async () => {
    const folder = await changed('permuted', ({ model, ...rest }) => ({
      ...rest,
      model: withPermutedWeights(model, 1),
    }));
    expect((await verdictOn(folder)).join()).toMatch(/named is \d+, of record \d+/);
  });

  it('refuses the same network with two of its labels exchanged', async () => {
    const folder = await changed('exchanged', ({ model, manifest }) => {
      const [first = '', second = '', ...rest] = manifest.labels;
      return { model, manifest: { ...manifest, labels: [second, first, ...rest] } };
    });
    expect((await verdictOn(folder)).join()).toMatch(/named is \d+, of record \d+/);
  });

  it('refuses the same network with thresholds that find events everywhere', async () => {
    const folder = await changed('eager', ({ model, manifest }) => ({
      model,
      manifest: {
        ...manifest,
        detection: { onThreshold: 0.002, offThreshold: 0.001, minDurationS: 0, mergeGapS: 1, perLabel: {} },
      },
    }));
    expect((await verdictOn(folder)).join()).toMatch(/falseEvents is \d+, of record \d+/);
  });
});

describe('the fold that was held out', () => {
  it(`judges ${HELD_OUT.bundle} on fold ${HELD_OUT.fold}, where the recordings are there`, async () => {
    const clips = await readFold(RECORDINGS, HELD_OUT.fold);
    const figures = recorded(HELD_OUT.bundle, `fold-${HELD_OUT.fold}`);
    if (clips === null) {
      process.stdout.write(`No esc10/ in ${RECORDINGS}: the held-out fold is passed over\n`);
      expect(figures.classSounds).toBeGreaterThan(0);
      return;
    }
    const measured = await measure(await openBundle(bundleFolder(HELD_OUT.bundle)), clips);
    expect(refusals(figures, measured)).toEqual([]);
  });
});
