/** @jest-environment ./libs/platform/src/onnx/testdata/onnx-environment.mjs */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BundleError, createClassifier, loadModelBundle, MAX_BATCH, type ModelManifest } from './index.js';

jest.setTimeout(60_000);

const TINY = join(import.meta.dirname, 'testdata/tiny');
const ESC10 = join(import.meta.dirname, '../../../../models/bundles/esc10-cnn');
const WINDOW = 100 * 64;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'earshot-bundle-'));
  await cp(TINY, directory, { recursive: true });
});
afterEach(() => rm(directory, { recursive: true }));

const changeManifest = async (change: (manifest: ModelManifest) => unknown) => {
  const manifest = JSON.parse(await readFile(join(TINY, 'manifest.json'), 'utf8')) as ModelManifest;
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(change(manifest)));
};
const problems = async (): Promise<readonly string[]> => {
  const error: unknown = await loadModelBundle(directory).catch((reason: unknown) => reason);
  if (!(error instanceof BundleError)) throw new Error('the bundle was taken', { cause: error });
  expect(error.message).toContain(directory);
  return error.problems;
};

describe('loadModelBundle', () => {
  it('gives the manifest, also as it is', async () => {
    const bundle = await loadModelBundle(directory);
    expect(bundle.manifest).toMatchObject({
      id: 'tiny',
      labels: ['low', 'high'],
      window: { frames: 100, hopFrames: 25 },
    });
    expect(bundle.manifestJson).toBe(await readFile(join(TINY, 'manifest.json'), 'utf8'));
  });

  it('refuses a model that is not the one the manifest was made for', async () => {
    await changeManifest((manifest) => ({ ...manifest, onnx: { ...manifest.onnx, sha256: '0'.repeat(64) } }));
    expect(await problems()).toEqual([
      expect.stringMatching(/^model.onnx: SHA-256 is [0-9a-f]{64}, but the manifest says 0{64}$/),
    ]);
  });

  it('names every front-end parameter that features are not made with', async () => {
    await changeManifest((manifest) => ({
      ...manifest,
      frontEnd: { ...manifest.frontEnd, hopLength: 160, melNorm: 'htk' },
    }));
    expect(await problems()).toEqual([
      'manifest.json: frontEnd.hopLength: is 160, but features are made with 320',
      'manifest.json: frontEnd.melNorm: is "htk", but features are made with "slaney"',
    ]);
  });

  it('refuses a model of another shape, and lists all that is wrong at once', async () => {
    await changeManifest((manifest) => ({
      ...manifest,
      labels: ['low', 'mid', 'high'],
      window: { frames: 50, hopFrames: 25 },
      outputs: { ...manifest.outputs, embedding: 'features' },
      onnx: { ...manifest.onnx, sha256: '0'.repeat(64) },
    }));
    expect(await problems()).toEqual([
      expect.stringContaining('SHA-256'),
      'model.onnx: input "logmel" is float32 [N, 100, 64], but the manifest asks for float32 [N, 50, 64], N free',
      'model.onnx: output "probabilities" is float32 [N, 2], but the manifest asks for float32 [N, 3], N free',
      'model.onnx: no output "features"; it has "probabilities", "embedding"',
    ]);
  });

  it('lists every field of a manifest that does not fit the schema', async () => {
    await changeManifest(({ labels: _, ...manifest }) => ({
      ...manifest,
      version: 'one',
      detection: { ...manifest.detection, onThreshold: 1.5 },
    }));
    const found = await problems();
    for (const field of ['version', 'labels', 'detection.onThreshold'])
      expect(found).toContainEqual(expect.stringMatching(`^manifest.json: ${field}: `));
    expect(found).toHaveLength(3);
  });

  it('refuses thresholds in the wrong order and labels that the model does not have', async () => {
    await changeManifest((manifest) => ({
      ...manifest,
      detection: { ...manifest.detection, offThreshold: 0.9, perLabel: { cat: { onThreshold: 0.4 } } },
    }));
    expect(await problems()).toEqual([
      'manifest.json: detection.offThreshold: above onThreshold',
      'manifest.json: detection.perLabel.cat: not one of the labels',
    ]);
  });

  it.each(['manifest.json', 'model.onnx'])('says when %s is missing', async (file) => {
    await rm(join(directory, file));
    expect(await problems()).toEqual([`${file}: can't be read (ENOENT)`]);
  });

  it('says when a file is damaged', async () => {
    await writeFile(join(directory, 'model.onnx'), 'not a model');
    await changeManifest((manifest) => ({
      ...manifest,
      onnx: { ...manifest.onnx, sha256: createHash('sha256').update('not a model').digest('hex') },
    }));
    expect(await problems()).toEqual([expect.stringMatching(/^model.onnx: not a model that ONNX Runtime opens: /)]);
    await writeFile(join(directory, 'manifest.json'), '{');
    expect(await problems()).toEqual([expect.stringMatching(/^manifest.json: /)]);
  });
});

/** Windows that differ, the same each time. */
const someWindows = (count: number): Uint8Array[] => {
  let seed = 1;
  const next = () => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff) >> 16;
  return Array.from({ length: count }, (_, w) => Uint8Array.from({ length: WINDOW }, () => next() % (20 + w)));
};

describe('createClassifier', () => {
  it('feeds the model dB = -100 + 0.5 x code', async () => {
    const classifier = createClassifier(await loadModelBundle(directory));
    const lower = Uint8Array.from({ length: WINDOW }, (_, i) => (i % 64 < 32 ? 200 : 0));
    const [all, none, low] = await classifier.predict([
      new Uint8Array(WINDOW).fill(100),
      new Uint8Array(WINDOW),
      lower,
    ]);
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const close = (values: number[]) => values.map((value): unknown => expect.closeTo(value, 5));
    expect(Array.from(all?.probabilities ?? [])).toEqual(close([sigmoid(0), sigmoid(0)]));
    expect(Array.from(none?.probabilities ?? [])).toEqual(close([sigmoid(-4), sigmoid(-4)]));
    expect(Array.from(low?.probabilities ?? [])).toEqual(close([sigmoid(4), sigmoid(-4)]));
    expect(Array.from(low?.embedding ?? [])).toEqual(close([1, 1, 0, 0]));
  });

  it('refuses a window of another size', async () => {
    const classifier = createClassifier(await loadModelBundle(directory));
    await expect(classifier.predict([new Uint8Array(5)])).rejects.toThrow('A window of 5 codes: expected 6400');
    expect(await classifier.predict([new Uint8Array(WINDOW)])).toHaveLength(1);
    expect(await classifier.predict([])).toEqual([]);
  });

  it.each([
    ['tiny', TINY],
    ['esc10-cnn', ESC10],
  ])('%s: a window gives the same, bit for bit, alone, in any batch and in calls at the same time', async (_, path) => {
    const classifier = createClassifier(await loadModelBundle(path));
    const windows = someWindows(MAX_BATCH + 7);
    const together = await classifier.predict(windows);
    const alone = (await Promise.all(windows.map((window) => classifier.predict([window])))).flat();
    expect(together).toEqual(alone);
    for (const size of [2, 3, 5, 6, 7, 9, 31])
      expect(await classifier.predict(windows.slice(size, 2 * size))).toEqual(alone.slice(size, 2 * size));
    expect(new Set(alone.map(({ embedding }) => embedding.join())).size).toBe(windows.length);
  });
});
