import { join } from 'node:path';
import { createRealFft } from '@earshot/platform/fft';
import {
  BundleError,
  createClassifier,
  createSequence,
  loadBundleFor,
  loadModelBundle,
  type ModelBundle,
} from '@earshot/platform/onnx';
import { analyseRecording, type Analyser } from '../analyze/analyse-recording.js';
import { documentOf, tableOf } from '../analyze/document.js';
import { callersPath, parseOptions, usage, UsageError, type AnalyzeOptions } from '../analyze/options.js';
import { FileError, readAudio } from '../analyze/read-audio.js';

/** The bundles that come with Earshot. */
const BUNDLES = join(import.meta.dirname, '../../../models/bundles');

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

const standardOutput: Output = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

/** `earshot analyze FILE…`: answers the exit status. Files are analysed one after another. */
export const run = async (argv: readonly string[], output: Output = standardOutput): Promise<number> => {
  try {
    const options = parseOptions(argv);
    if (options === null) {
      output.out(usage);
      return 0;
    }
    const { analyser, close } = await createAnalyser(options);
    try {
      return await analyseAll(options, analyser, output);
    } finally {
      await close();
    }
  } catch (error) {
    if (error instanceof UsageError) output.err(`${error.message}\n\n${usage}`);
    else if (error instanceof BundleError) output.err(`--model: ${error.message}\n`);
    else throw error;
    return 2;
  }
};

const createAnalyser = async ({
  models,
}: AnalyzeOptions): Promise<{ readonly analyser: Analyser; readonly close: () => Promise<void> }> => {
  const open: ModelBundle[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(open.map(({ network }) => network.close()));
  };
  try {
    for (const directory of models) open.push(await loadModelBundle(callersPath(directory)));
    let classifier = open.findLast((bundle) => bundle.task === 'audio-classification');
    classifier ??= await loadBundleFor('audio-classification', join(BUNDLES, 'esc10-cnn'));
    open.push(classifier);
    let sequence = open.findLast((bundle) => bundle.task === 'audio-event-detection');
    sequence ??= await loadBundleFor('audio-event-detection', join(BUNDLES, 'esc10-crnn'));
    open.push(sequence);
    const analyser = {
      classifier: createClassifier(classifier),
      sequence: createSequence(sequence),
      rule: sequence.manifest.detection,
      fft: await createRealFft(1024),
    };
    return { analyser, close };
  } catch (error) {
    await close();
    throw error;
  }
};

const analyseAll = async (options: AnalyzeOptions, analyser: Analyser, output: Output): Promise<number> => {
  let failed = 0;
  for (const file of options.files) {
    try {
      const recording = await analyseRecording(analyser, await readAudio(file, options), options);
      const document = documentOf(file, recording);
      const isSpl = options.fullScaleDb !== undefined || document.calibration?.found === true;
      const unit = isSpl ? 'dB SPL' : 'dB re full-scale RMS';
      output.out(options.json ? `${JSON.stringify(document)}\n` : tableOf(document, unit));
    } catch (error) {
      failed += 1;
      const { code, message } = error instanceof FileError ? error : { code: 'internal', message: String(error) };
      if (options.json) output.out(`${JSON.stringify({ file, error: { code, message } })}\n`);
      else output.err(`${file}: ${message} (${code})\n`);
    }
  }
  return failed === 0 ? 0 : 1;
};
