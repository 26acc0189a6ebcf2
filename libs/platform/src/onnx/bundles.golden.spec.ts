import { join } from 'node:path';
import { canonicalFrontEnd, classifySignal, listenToSignal, PROBABILITY_CODES } from '@earshot/core/classification';
import { analyseSignal } from '@earshot/core/features';
import { GOLDEN_RATE_HZ, readGolden, renderGolden } from '@earshot/testing/golden';
import { describe, expect, it, jest } from '@jest/globals';
import { createRealFft } from '../fft/index.js';
import { createClassifier, createSequence, loadBundleFor } from './index.js';

jest.setTimeout(60_000);

interface Golden {
  readonly bundle: string;
  readonly version: string;
  readonly onnxSha256: string;
  readonly cases: readonly {
    readonly name: string;
    readonly durationS: number;
    /** [windows or steps][labels] */
    readonly probabilities: readonly (readonly number[])[];
  }[];
}

const directoryOf = ({ bundle }: Golden) => join(process.cwd(), 'models/bundles', bundle);
const featuresOf = async ({ name, durationS }: Golden['cases'][number]) => {
  const fft = await createRealFft(1024);
  return analyseSignal(renderGolden(name, durationS), GOLDEN_RATE_HZ, { fft }).logMel;
};
const furthest = (found: readonly (readonly number[])[], expected: readonly (readonly number[])[]): number =>
  Math.max(...expected.flatMap((row, i) => row.map((value, label) => Math.abs((found[i]?.[label] ?? NaN) - value))));

describe('bundles that come with Earshot, from samples to probabilities, against the pipeline that made them', () => {
  it('the classifier: within 0.01', async () => {
    const golden = readGolden('classifier.json') as Golden;
    const bundle = await loadBundleFor('audio-classification', directoryOf(golden));
    expect([bundle.manifest.version, bundle.manifest.onnx.sha256]).toEqual([golden.version, golden.onnxSha256]);
    for (const one of golden.cases) {
      const windows = await classifySignal(canonicalFrontEnd, createClassifier(bundle), await featuresOf(one));
      expect(windows).toHaveLength(one.probabilities.length);
      // A window without any sound is not shown to the model.
      if (one.name === 'silence') continue;
      expect(
        furthest(
          windows.map(({ probabilities }) => probabilities),
          one.probabilities,
        ),
      ).toBeLessThan(0.01);
    }
    await bundle.network.close();
  });

  it('the sequence model: within 0.02, its state carried from block to block', async () => {
    const golden = readGolden('sequence.json') as Golden;
    const bundle = await loadBundleFor('audio-event-detection', directoryOf(golden));
    expect([bundle.manifest.version, bundle.manifest.onnx.sha256]).toEqual([golden.version, golden.onnxSha256]);
    for (const one of golden.cases) {
      const activity = await listenToSignal(canonicalFrontEnd, createSequence(bundle), await featuresOf(one));
      const steps = activity.flatMap(({ steps: count, labels, probabilities }) =>
        Array.from({ length: count }, (_, step) =>
          Array.from(
            probabilities.subarray(step * labels.length, (step + 1) * labels.length),
            (code) => code / PROBABILITY_CODES,
          ),
        ),
      );
      expect(steps).toHaveLength(one.probabilities.length);
      expect(furthest(steps, one.probabilities)).toBeLessThan(0.02);
    }
    await bundle.network.close();
  });
});
