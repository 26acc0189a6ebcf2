import { join } from 'node:path';
import { createRealFft } from '@earshot/platform/fft';
import { BundleError, createClassifier, loadModelBundle } from '@earshot/platform/onnx';
import { analyseRecording, type Analyser } from '../analyze/analyse-recording.js';
import { documentOf, tableOf } from '../analyze/document.js';
import { callersPath, parseOptions, usage, UsageError, type AnalyzeOptions } from '../analyze/options.js';
import { FileError, readAudio } from '../analyze/read-audio.js';

/** The bundle that comes with Earshot. */
const DEFAULT_MODEL = join(import.meta.dirname, '../../../models/bundles/esc10-cnn');

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
    return await analyseAll(options, await createAnalyser(options), output);
  } catch (error) {
    if (error instanceof UsageError) output.err(`${error.message}\n\n${usage}`);
    else if (error instanceof BundleError) output.err(`--model: ${error.message}\n`);
    else throw error;
    return 2;
  }
};

const createAnalyser = async ({ model }: AnalyzeOptions): Promise<Analyser> => {
  const bundle = await loadModelBundle(model === undefined ? DEFAULT_MODEL : callersPath(model));
  return { manifest: bundle.manifest, classifier: createClassifier(bundle), fft: await createRealFft(1024) };
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
