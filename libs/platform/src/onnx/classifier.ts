import { canonicalFrontEnd, type Classifier, type Prediction } from '@earshot/core/classification';
import { Tensor } from 'onnxruntime-node';
import type { ModelBundle } from './bundle.js';

/** Windows per run of the model: beyond it nothing is gained, and the latency of other work grows. */
export const MAX_BATCH = 64;

/**
 * Batches are filled up to a multiple of this: vectorised operators compute the rest of a batch in another way, and a
 * window's result would depend, in its last bits, on the batch that it came in.
 */
const BATCH_STEP = 4;

/** Runs the bundle's model over batches of windows; calls wait for each other. */
export const createClassifier = (bundle: ModelBundle): Classifier => {
  const run = createRun(bundle);
  let turn: Promise<unknown> = Promise.resolve();
  const predict = async (windows: readonly Uint8Array[]): Promise<readonly Prediction[]> => {
    const predictions: Prediction[] = [];
    for (let at = 0; at < windows.length; at += MAX_BATCH)
      predictions.push(...(await run(windows.slice(at, at + MAX_BATCH))));
    return predictions;
  };
  return {
    predict: (windows) => {
      const mine = turn.then(() => predict(windows));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
};

/** One run over at most MAX_BATCH windows, in buffers that are used again: one call at a time. */
const createRun = ({ manifest, session }: ModelBundle) => {
  const { melBands } = canonicalFrontEnd;
  const { frames } = manifest.window;
  const size = frames * melBands;
  const codes = new Float32Array(MAX_BATCH * size);
  const probabilities = createOutput(manifest.labels.length);
  const embedding = createOutput(manifest.embeddingSize);
  return async (windows: readonly Uint8Array[]): Promise<readonly Prediction[]> => {
    const count = Math.ceil(windows.length / BATCH_STEP) * BATCH_STEP;
    windows.forEach((window, i) => dequantise(window, codes.subarray(i * size, (i + 1) * size)));
    const input = new Tensor('float32', codes.subarray(0, count * size), [count, frames, melBands]);
    await session.run(
      { [manifest.input.name]: input },
      {
        [manifest.outputs.probabilities]: probabilities.tensor(count),
        [manifest.outputs.embedding]: embedding.tensor(count),
      },
    );
    return windows.map((_, i) => ({ probabilities: probabilities.row(i), embedding: embedding.row(i) }));
  };
};

/** Where the model writes `width` values per window; rows are copies. */
const createOutput = (width: number) => {
  const buffer = new Float32Array(MAX_BATCH * width);
  return {
    tensor: (count: number) => new Tensor('float32', buffer.subarray(0, count * width), [count, width]),
    row: (index: number) => buffer.slice(index * width, (index + 1) * width),
  };
};

const dB = Float32Array.from({ length: 256 }, (_, code) => canonicalFrontEnd.floorDb + canonicalFrontEnd.stepDb * code);

const dequantise = (codes: Uint8Array, into: Float32Array): void => {
  if (codes.length !== into.length) throw new RangeError(`A window of ${codes.length} codes: expected ${into.length}`);
  for (let i = 0; i < codes.length; i += 1) into[i] = dB[codes[i] ?? 0] ?? 0;
};
