import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  BundleError,
  createClassifier,
  createSequence,
  loadBundleFor,
  loadModelBundle,
  MAX_BATCH,
  type ModelBundle,
} from './index.js';

jest.setTimeout(60_000);

const TINY = join(import.meta.dirname, 'testdata/tiny');
const SEQUENCE = join(import.meta.dirname, 'testdata/sequence');
const BUNDLES = join(import.meta.dirname, '../../../../models/bundles');
const WINDOW = 100 * 64;

let directory: string;
const open: ModelBundle[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'earshot-bundle-'));
  await cp(TINY, directory, { recursive: true });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ network }) => network.close()));
  await rm(directory, { recursive: true });
});
const load = async (path: string): Promise<ModelBundle> => {
  const bundle = await loadModelBundle(path);
  open.push(bundle);
  return bundle;
};
const classifierOf = async (path: string) => {
  const bundle = await load(path);
  if (bundle.task !== 'audio-classification') throw new Error(bundle.task);
  return createClassifier(bundle).classifier;
};
const sequenceOf = async (path: string) => {
  const bundle = await load(path);
  if (bundle.task !== 'audio-event-detection') throw new Error(bundle.task);
  return createSequence(bundle);
};

/** Of either task: what tests change. */
interface AnyManifest {
  readonly labels: readonly string[];
  readonly frontEnd: Readonly<Record<string, unknown>>;
  readonly outputs: object;
  readonly onnx: object;
  readonly detection: object;
  readonly sequence: object;
}
const changeManifest = async (change: (manifest: AnyManifest) => unknown, of = TINY) => {
  const manifest = JSON.parse(await readFile(join(of, 'manifest.json'), 'utf8')) as AnyManifest;
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
    const bundle = await load(directory);
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

describe('a sequence bundle', () => {
  beforeEach(() => cp(SEQUENCE, directory, { recursive: true }));

  it('is checked as thoroughly', async () => {
    await changeManifest(
      (manifest) => ({
        ...manifest,
        labels: ['low', 'mid', 'high'],
        sequence: { ...manifest.sequence, pastFrames: 0 },
        state: { size: 3 },
        onnx: { ...manifest.onnx, sha256: '0'.repeat(64) },
      }),
      SEQUENCE,
    );
    expect(await problems()).toEqual([
      expect.stringContaining('SHA-256'),
      'model.onnx: input "logmel" is float32 [N, 65, 64], but the manifest asks for float32 [N, 55, 64], N free',
      'model.onnx: input "state" is float32 [N, 2], but the manifest asks for float32 [N, 3], N free',
      'model.onnx: output "probabilities" is float32 [N, 10, 2], but the manifest asks for float32 [N, 10, 3], N free',
      'model.onnx: output "state_next" is float32 [N, 2], but the manifest asks for float32 [N, 3], N free',
    ]);
  });

  it('has steps of 0.1 s that fill its blocks, and an odd median', async () => {
    await changeManifest(
      (manifest) => ({
        ...manifest,
        sequence: { ...manifest.sequence, blockFrames: 48 },
        detection: { ...manifest.detection, medianSteps: 4 },
      }),
      SEQUENCE,
    );
    expect(await problems()).toEqual([
      'manifest.json: detection.medianSteps: expected an odd number',
      'manifest.json: sequence.blockFrames: not a multiple of stepFrames',
    ]);
    await changeManifest((manifest) => ({ ...manifest, sequence: { ...manifest.sequence, stepFrames: 10 } }), SEQUENCE);
    expect(await problems()).toEqual([
      'manifest.json: sequence.stepFrames: expected 5: all models tell steps of the same length',
    ]);
  });

  it('is tried on silence: what the graph leaves open is seen then', async () => {
    const crnn = join(BUNDLES, 'esc10-crnn');
    await cp(crnn, directory, { recursive: true });
    await changeManifest(
      (manifest) => ({ ...manifest, sequence: { ...manifest.sequence, blockFrames: 45, pastFrames: 15 } }),
      crnn,
    );
    const [problem, ...others] = await problems();
    expect(problem).toMatch(/^model.onnx: (does not run on silence: .*|output "probabilities" is .*)9,10/);
    expect(others).toEqual([]);
  });

  it('is not taken for a model without state, nor for a classifier', async () => {
    await cp(join(TINY, 'model.onnx'), join(directory, 'model.onnx'));
    const model = await readFile(join(directory, 'model.onnx'));
    const sha256 = createHash('sha256').update(model).digest('hex');
    await changeManifest((manifest) => ({ ...manifest, onnx: { ...manifest.onnx, sha256 } }), SEQUENCE);
    expect(await problems()).toEqual(
      expect.arrayContaining([
        'model.onnx: no input "state"; it has "logmel"',
        'model.onnx: no output "state_next"; it has "probabilities", "embedding"',
      ]),
    );
    const error: unknown = await loadBundleFor('audio-classification', SEQUENCE).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      problems: ['manifest.json: task: is audio-event-detection, but audio-classification is wanted'],
    });
  });
});

describe('createClassifier', () => {
  it('feeds the model dB = -100 + 0.5 x code', async () => {
    const classifier = await classifierOf(directory);
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
    const classifier = await classifierOf(directory);
    await expect(classifier.predict([new Uint8Array(5)])).rejects.toThrow('5 codes for "logmel": expected 6400');
    expect(await classifier.predict([new Uint8Array(WINDOW)])).toHaveLength(1);
    expect(await classifier.predict([])).toEqual([]);
  });

  it.each([
    ['tiny', TINY],
    ['esc10-cnn', join(BUNDLES, 'esc10-cnn')],
    ['esc10-cnn-int8', join(BUNDLES, 'esc10-cnn-int8')],
  ])('%s: a window gives the same, bit for bit, alone, in any batch and in calls at the same time', async (_, path) => {
    const classifier = await classifierOf(path);
    const windows = someWindows(MAX_BATCH + 7);
    const together = await classifier.predict(windows);
    const alone = (await Promise.all(windows.map((window) => classifier.predict([window])))).flat();
    expect(together).toEqual(alone);
    for (const size of [2, 3, 5, 6, 7, 9, 31])
      expect(await classifier.predict(windows.slice(size, 2 * size))).toEqual(alone.slice(size, 2 * size));
    expect(new Set(alone.map(({ embedding }) => embedding.join())).size).toBe(windows.length);
  });
});

const someBlocks = (count: number, size: number, stateSize: number) =>
  someWindows(count).map((window, at) => ({
    codes: Uint8Array.from({ length: size }, (_, i) => window[i % window.length] ?? 0),
    state: Float32Array.from({ length: stateSize }, (_, i) => Math.sin(1 + at * 7 + i)),
  }));

describe('createSequence', () => {
  it('shows the model its frames and its state', async () => {
    const { spec, sequence } = await sequenceOf(SEQUENCE);
    expect(spec).toEqual({
      task: 'audio-event-detection',
      modelId: 'tiny-sequence',
      modelVersion: '1.0.0',
      labels: ['low', 'high'],
      sequence: { blockFrames: 50, pastFrames: 10, futureFrames: 5, stepFrames: 5 },
      stateSize: 2,
    });
    const codes = new Uint8Array(65 * 64);
    // Frames 10 to 14 are step 0; code 200 is 0 dB.
    codes.fill(200, 10 * 64, 15 * 64);
    const [given] = await sequence.predict([{ codes, state: Float32Array.of(1, -1) }]);
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const little = (0.01 * 5) / 65;
    expect(given?.probabilities).toHaveLength(20);
    expect(given?.probabilities[0]).toBeCloseTo(sigmoid(8 - 4 + 1 + little), 5);
    expect(given?.probabilities[1]).toBeCloseTo(sigmoid(8 - 4 - 1 + little), 5);
    expect(given?.probabilities[2]).toBeCloseTo(sigmoid(-4 + 1 + little), 5);
    expect(given?.state[0]).toBeCloseTo(0.5 + 0.25 * (0.8 - 4), 5);
    expect(given?.state[1]).toBeCloseTo(-0.5 + 0.25 * (0.8 - 4), 5);
    await expect(sequence.predict([{ codes, state: new Float32Array(3) }])).rejects.toThrow(
      '3 values for "state": expected 2',
    );
  });

  it.each([
    ['tiny', SEQUENCE],
    ['esc10-crnn', join(BUNDLES, 'esc10-crnn')],
  ])('%s: a block gives the same, bit for bit, in every batch', async (_, path) => {
    const { spec, sequence } = await sequenceOf(path);
    const { blockFrames, pastFrames, futureFrames } = spec.sequence;
    const blocks = someBlocks(MAX_BATCH + 9, (pastFrames + blockFrames + futureFrames) * 64, spec.stateSize);
    const alone = (await Promise.all(blocks.map((block) => sequence.predict([block])))).flat();
    for (const size of [3, 4, 37, blocks.length])
      expect(await sequence.predict(blocks.slice(0, size))).toEqual(alone.slice(0, size));
    expect(new Set(alone.map(({ state }) => state.join())).size).toBe(blocks.length);
  });
});
