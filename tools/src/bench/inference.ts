import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogMelFrontEnd, FRONT_END, logMelFrameCount } from '@earshot/core/dsp';
import { createRealFft } from '@earshot/platform/fft';
import { createClassifier, createSequence, loadModelBundle, type ModelBundle } from '@earshot/platform/onnx';
import { z } from 'zod';
import { cpuMsOf, measureInTurn, withFolder, type Engine } from './measure.js';
import { noise } from './noise.js';
import { findPython, startReference, type Reference } from './reference.js';
import { absence, rowsOf, rowsTable, type BenchRow, type RowAsked, type Timings } from './rows.js';

const MODELS = ['esc10-cnn', 'esc10-cnn-int8', 'esc10-crnn'];
const BATCHES = [1, 32];
/** Windows of one run; a multiple of the batches. */
const WINDOWS = 256;
/** Mel frames between windows: only that they differ. */
const STRIDE = 10;
const WARM_UP_RUNS = 2;

const answer = z.object({ cpuS: z.number().positive(), meanLargest: z.number() });

export interface InferenceBench {
  readonly bench: 'inference';
  readonly runs: number;
  readonly windows: number;
  /** CPU time per window (of a sequence model: block of 1 s), ms. */
  readonly rows: readonly BenchRow[];
  /** Mean over the windows of the largest probability: engines agree when they do the same work. */
  readonly meanLargest: Readonly<Record<string, number>>;
  /** Raw runs. */
  readonly timings: Timings;
  /** Why the reference did not run; null: it did. */
  readonly referenceAbsent: string | null;
}

/** Codes of windows of `frames` mel frames of noise. */
const windowsOf = async (frames: number): Promise<readonly Uint8Array[]> => {
  const { fftSize, hopLength, melBands } = FRONT_END;
  const samples = noise(fftSize + hopLength * (frames + STRIDE * WINDOWS));
  const codes = new Uint8Array(logMelFrameCount(samples.length) * melBands);
  const frontEnd = createLogMelFrontEnd(await createRealFft(fftSize));
  frontEnd.push(frontEnd.rest(), samples, 0, samples.length, codes, 0);
  return Array.from({ length: WINDOWS }, (_, i) =>
    codes.slice(i * STRIDE * melBands, (i * STRIDE + frames) * melBands),
  );
};

const framesOf = ({ manifest }: ModelBundle): number => {
  if (manifest.task === 'audio-classification') return manifest.window.frames;
  const { pastFrames, blockFrames, futureFrames } = manifest.sequence;
  return pastFrames + blockFrames + futureFrames;
};

type Predict = (windows: readonly Uint8Array[]) => Promise<readonly Float32Array[]>;

/** Codes to probabilities by the adapter that classification uses; the state of a sequence model is zero. */
const predictOf = (bundle: ModelBundle): Predict => {
  if (bundle.task === 'audio-classification') {
    const { classifier } = createClassifier(bundle);
    return async (windows) => (await classifier.predict(windows)).map(({ probabilities }) => probabilities);
  }
  const { sequence } = createSequence(bundle);
  const state = new Float32Array(bundle.stateSize);
  return async (windows) =>
    (await sequence.predict(windows.map((codes) => ({ codes, state })))).map(({ probabilities }) => probabilities);
};

const ourEngine = (
  name: string,
  predict: Predict,
  windows: readonly Uint8Array[],
  batch: number,
  found: Map<string, number>,
): Engine => ({
  run: async () => {
    const answers: Float32Array[] = [];
    const ms = await cpuMsOf(async () => {
      for (let at = 0; at < windows.length; at += batch)
        answers.push(...(await predict(windows.slice(at, at + batch))));
    });
    found.set(name, answers.reduce((sum, probabilities) => sum + Math.max(...probabilities), 0) / answers.length);
    return { [name]: ms / windows.length };
  },
});

const referenceEngine = (
  name: string,
  reference: Reference<z.infer<typeof answer>>,
  batch: number,
  found: Map<string, number>,
): Engine => ({
  run: async () => {
    const { cpuS, meanLargest } = await reference.ask(String(batch));
    found.set(name, meanLargest);
    return { [name]: (cpuS * 1000) / WINDOWS };
  },
});

const nameOf = (engine: string, model: string, batch: number): string => `${engine} ${model} batch ${batch}`;

const benchModel = async (model: string, runs: number, python: string | null, found: Map<string, number>) => {
  const bundle = await loadModelBundle(join('models/bundles', model));
  const windows = await windowsOf(framesOf(bundle));
  const predict = predictOf(bundle);
  return withFolder(async (folder) => {
    const file = join(folder, 'codes.u8');
    await writeFile(file, Buffer.concat(windows));
    const args = [join(bundle.directory, bundle.manifest.onnx.file), file, String(framesOf(bundle))];
    const reference = python === null ? null : startReference(python, 'inference_reference.py', args, answer);
    try {
      const engines = BATCHES.flatMap((batch) => [
        ourEngine(nameOf('earshot', model, batch), predict, windows, batch, found),
        ...(reference === null ? [] : [referenceEngine(nameOf('python', model, batch), reference, batch, found)]),
      ]);
      return await measureInTurn(engines, { warmUp: WARM_UP_RUNS, runs });
    } finally {
      await reference?.stop();
      await bundle.network.close();
    }
  });
};

const rowsAsked: readonly RowAsked[] = MODELS.flatMap((model) =>
  BATCHES.flatMap((batch) => {
    const part = `${model}, batch ${batch}`;
    const ours = [nameOf('earshot', model, batch)];
    return [
      { part, engine: 'Earshot', of: ours },
      { part, engine: 'onnxruntime in Python', of: [nameOf('python', model, batch)], ours },
    ];
  }),
);

/** The models that come with Earshot through our ONNX adapter (thread, codes to dB and copies included) beside Python's onnxruntime. */
export const benchInference = async (runs: number, withReference: boolean): Promise<InferenceBench> => {
  const { python, referenceAbsent } = await findPython(withReference);
  const found = new Map<string, number>();
  const timings: Record<string, readonly number[]> = {};
  for (const model of MODELS) Object.assign(timings, await benchModel(model, runs, python, found));
  const rows = rowsOf(timings, rowsAsked);
  return {
    ...{ bench: 'inference', runs, windows: WINDOWS, rows, timings, referenceAbsent },
    meanLargest: Object.fromEntries(found),
  };
};

export const inferenceTable = ({ runs, windows, rows, meanLargest, referenceAbsent }: InferenceBench): string =>
  [
    `Models from uint8 codes to probabilities, one thread: ${runs} runs in turn of ${windows} windows, median and spread.`,
    '',
    ...rowsTable(rows, 'ms per window'),
    '',
    'Mean of the largest probability: ' +
      Object.entries(meanLargest)
        .map(([name, value]) => `${name} ${value.toFixed(4)}`)
        .join('; '),
    ...absence(referenceAbsent),
    '',
  ].join('\n');
