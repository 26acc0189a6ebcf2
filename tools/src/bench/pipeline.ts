import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogMelFrontEnd, FRONT_END } from '@earshot/core/dsp';
import { bandsOfRate, createLevelMeter } from '@earshot/core/levels';
import { createRealFft } from '@earshot/platform/fft';
import { createClassifier, loadBundleFor } from '@earshot/platform/onnx';
import { z } from 'zod';
import { cpuMsOf, measureInTurn, withFolder, type Engine } from './measure.js';
import { noise } from './noise.js';
import { createSensors } from './pipeline-sensors.js';
import { findPython, startReference, type Reference } from './reference.js';
import { absence, rowsOf, rowsTable, type BenchRow, type RowAsked, type Timings } from './rows.js';

const MODEL = 'models/bundles/esc10-cnn';
const RATE_HZ = FRONT_END.sampleRateHz;
/** Also the batch of inference: each of them has one window a second. */
const SENSORS = 32;
/** Of one run and sensor. */
const SECONDS = 8;
/** Of the one stream of the reference. */
const REFERENCE_SECONDS = 64;
/** Of every sensor before it is measured: each second completes a window then, and code is compiled as after long service. */
const WARM_UP_SECONDS = 60;
const WARM_UP_RUNS = 2;

const answer = z.object({
  logMel: z.number().positive(),
  levels: z.number().positive(),
  batch1: z.number().positive(),
  batch32: z.number().positive(),
});

export interface PipelineBench {
  readonly bench: 'pipeline';
  readonly runs: number;
  readonly sensors: number;
  readonly model: string;
  /** CPU time per second of sound of one sensor, ms. */
  readonly rows: readonly BenchRow[];
  /** Raw runs. */
  readonly timings: Timings;
  /** Why the reference did not run; null: it did. */
  readonly referenceAbsent: string | null;
}

/** Log-mel and levels, each on its own, second by second. */
const aloneEngine = async (samples: Float32Array): Promise<Engine> => {
  const seconds = samples.length / RATE_HZ;
  const frontEnd = createLogMelFrontEnd(await createRealFft(FRONT_END.fftSize));
  const codes = new Uint8Array(64 * FRONT_END.melBands);
  const mel = frontEnd.rest();
  const meter = createLevelMeter(RATE_HZ);
  const levels = meter.rest();
  const logMelOf = (at: number): number => frontEnd.push(mel, samples, at, at + RATE_HZ, codes, 0);
  const levelsOf = (at: number): void => {
    meter.push(levels, samples, at, at + RATE_HZ, 0);
    meter.take(levels);
  };
  const each = (work: (at: number) => unknown) => () => {
    for (let at = 0; at < samples.length; at += RATE_HZ) work(at);
  };
  return {
    run: async () => ({
      'earshot log-mel': (await cpuMsOf(each(logMelOf))) / seconds,
      'earshot levels': (await cpuMsOf(each(levelsOf))) / seconds,
    }),
  };
};

const sensorsEngine = (runSensors: ReturnType<typeof createSensors>): Engine => ({
  run: async () => {
    const { featuresMs, inferenceMs, windows } = await runSensors(SECONDS);
    const heard = SENSORS * SECONDS;
    if (windows !== heard) throw new Error(`${windows} windows of ${heard} seconds: expected one each`);
    return { 'earshot features': featuresMs / heard, 'earshot inference': inferenceMs / heard };
  },
});

const referenceEngine = (reference: Reference<z.infer<typeof answer>>): Engine => ({
  run: async () => {
    const parts = Object.entries(await reference.ask('go'));
    return Object.fromEntries(parts.map(([part, cpuS]) => [`python ${part}`, (cpuS * 1000) / REFERENCE_SECONDS]));
  },
});

const features = ['earshot features'];
const inference = ['earshot inference'];
const all = [...features, ...inference];
const pythonFeatures = ['python logMel', 'python levels'];

const rowsAsked: readonly RowAsked[] = [
  { part: 'log-mel alone', engine: 'Earshot', of: ['earshot log-mel'] },
  { part: 'log-mel alone', engine: 'librosa', of: ['python logMel'], ours: ['earshot log-mel'] },
  { part: 'levels alone', engine: 'Earshot', of: ['earshot levels'] },
  { part: 'levels alone', engine: 'PyOctaveBand', of: ['python levels'], ours: ['earshot levels'] },
  { part: 'features and levels (stage)', engine: 'Earshot', of: features },
  { part: 'features and levels (stage)', engine: 'Python', of: pythonFeatures, ours: features },
  { part: 'classification (stage)', engine: 'Earshot, batch 32', of: inference },
  { part: 'classification (stage)', engine: 'Python, batch 1', of: ['python batch1'], ours: inference },
  { part: 'classification (stage)', engine: 'Python, batch 32', of: ['python batch32'], ours: inference },
  { part: 'all', engine: 'Earshot, batch 32', of: all },
  { part: 'all', engine: 'Python, batch 1', of: [...pythonFeatures, 'python batch1'], ours: all, target: 10 },
  { part: 'all', engine: 'Python, batch 32', of: [...pythonFeatures, 'python batch32'], ours: all, target: 10 },
];

/**
 * Frames of 1 s of s16 PCM to levels, log-mel and class probabilities by the stages of the services, without topics and database, beside the
 * same work in plain Python. Earshot's stages also order frames, watch gaps, copy states and measure levels that the reference does not.
 */
export const benchPipeline = async (runs: number, withReference: boolean): Promise<PipelineBench> => {
  const { python, referenceAbsent } = await findPython(withReference);
  const samples = noise(REFERENCE_SECONDS * RATE_HZ);
  const pcm = Int16Array.from(samples, (value) => Math.round(value * 32_768));
  const secondsOfPcm = Array.from(
    { length: REFERENCE_SECONDS },
    (_, i) => new Uint8Array(pcm.buffer, i * RATE_HZ * 2, RATE_HZ * 2),
  );
  const bundle = await loadBundleFor('audio-classification', MODEL);
  const runSensors = createSensors(
    ...([SENSORS, secondsOfPcm, await createRealFft(FRONT_END.fftSize), createClassifier(bundle)] as const),
  );
  const timings = await withFolder(async (folder) => {
    const file = join(folder, 'samples.s16');
    await writeFile(file, Buffer.from(pcm.buffer));
    const { manifest } = bundle;
    const highest = bandsOfRate(RATE_HZ).findLast(({ valid }) => valid)?.midHz ?? 1000;
    const args = [file, String(Math.round(highest)), join(MODEL, manifest.onnx.file), String(manifest.window.frames)];
    const reference = python === null ? null : startReference(python, 'pipeline_reference.py', args, answer);
    try {
      await runSensors(WARM_UP_SECONDS);
      const engines = [
        await aloneEngine(samples),
        sensorsEngine(runSensors),
        ...(reference === null ? [] : [referenceEngine(reference)]),
      ];
      return await measureInTurn(engines, { warmUp: WARM_UP_RUNS, runs });
    } finally {
      await reference?.stop();
      await bundle.network.close();
    }
  });
  const rows = rowsOf(timings, rowsAsked);
  return { bench: 'pipeline', runs, sensors: SENSORS, model: 'esc10-cnn', rows, timings, referenceAbsent };
};

export const pipelineTable = ({ runs, sensors, model, rows, referenceAbsent }: PipelineBench): string =>
  [
    `1 s frames of 16 kHz s16 PCM to levels, log-mel and classes (${model}), one core: ${runs} runs in turn, ${sensors} sensors, median and spread.`,
    '',
    ...rowsTable(rows, 'ms per sensor-second'),
    ...absence(referenceAbsent),
    '',
  ].join('\n');
