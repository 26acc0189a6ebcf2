import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModelBundle } from '@earshot/platform/onnx';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { withPermutedWeights } from './damage.js';
import { refusals, type FiguresOfRecord } from './gate.js';
import { bundleFolder, readRecord } from './installed.js';
import { measure, shown, type ShownSound } from './measure.js';
import { fixedSet } from './sounds.js';

jest.setTimeout(600_000);

const record: FiguresOfRecord = await readRecord();
let sounds: readonly ShownSound[];
let directory: string;
beforeAll(async () => {
  sounds = await shown(fixedSet());
  directory = await mkdtemp(join(tmpdir(), 'earshot-gate-'));
});
afterAll(() => rm(directory, { recursive: true }));

const verdictOn = async (id: string, folder: string): Promise<readonly string[]> => {
  const known = record[id];
  if (known === undefined) throw new Error(`no figures of record of ${id}: npm run model-gate -- --record`);
  const bundle = await loadModelBundle(folder);
  const measured = await measure(bundle, sounds);
  await bundle.network.close();
  return refusals(known, measured);
};

interface Parts {
  readonly model: Uint8Array;
  readonly manifest: { onnx: { sha256: string }; labels: string[]; detection: object };
}

/** A copy of the default bundle with something about it changed, whole and consistent for the loader. */
const changed = async (name: string, change: (parts: Parts) => Parts): Promise<string> => {
  const folder = join(directory, name);
  await cp(bundleFolder('esc10-cnn'), folder, { recursive: true });
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

describe('the gate', () => {
  it('keeps figures of the classifier that is live by default', () => {
    expect(Object.keys(record)).toContain('esc10-cnn');
  });

  it.each(Object.keys(record))('lets %s through: it is not worse than its figures of record', async (id) => {
    expect(await verdictOn(id, bundleFolder(id))).toEqual([]);
  });

  it('refuses a network with its weights in another order', async () => {
    const folder = await changed('permuted', ({ model, ...rest }) => ({
      ...rest,
      model: withPermutedWeights(model, 1),
    }));
    expect((await verdictOn('esc10-cnn', folder)).join()).toMatch(/named is \d+, of record \d+/);
  });

  it('refuses the same network with two of its labels exchanged', async () => {
    const folder = await changed('exchanged', ({ model, manifest }) => {
      const [first = '', second = '', ...rest] = manifest.labels;
      return { model, manifest: { ...manifest, labels: [second, first, ...rest] } };
    });
    expect(await verdictOn('esc10-cnn', folder)).not.toEqual([]);
  });

  it('refuses the same network with thresholds that find something everywhere', async () => {
    const folder = await changed('eager', ({ model, manifest }) => ({
      model,
      manifest: {
        ...manifest,
        detection: { onThreshold: 0.002, offThreshold: 0.001, minDurationS: 0, mergeGapS: 1, perLabel: {} },
      },
    }));
    expect((await verdictOn('esc10-cnn', folder)).join()).toMatch(/falseFinds is \d+, of record \d+/);
  });

  it('refuses the same network with thresholds that find nothing', async () => {
    const folder = await changed('deaf', ({ model, manifest }) => ({
      model,
      manifest: {
        ...manifest,
        detection: { onThreshold: 1, offThreshold: 1, minDurationS: 0, mergeGapS: 1, perLabel: {} },
      },
    }));
    expect((await verdictOn('esc10-cnn', folder)).join()).toMatch(/found is 0, of record \d+/);
  });
});
