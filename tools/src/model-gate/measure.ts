import {
  canonicalFrontEnd,
  classifySignal,
  clipResult,
  listenToSignal,
  PROBABILITY_CODES,
  type SignalFeatures,
  type SoundActivity,
} from '@earshot/core/classification';
import { createDetectEvents, ruleOfLabel, type DetectionRule } from '@earshot/core/detection';
import { createLogMelFrontEnd, logMelFrameCount } from '@earshot/core/dsp';
import { runStage } from '@earshot/core/stage';
import { createRealFft } from '@earshot/platform/fft';
import { createClassifier, createSequence, type ModelBundle } from '@earshot/platform/onnx';
import type { GateFigures } from './gate.js';
import type { GateSound } from './sounds.js';

/** A sound of the fixed set as a model is shown it. */
export interface ShownSound {
  readonly label: string | null;
  readonly features: SignalFeatures;
}

/** What a model makes of one sound. */
interface Heard {
  /** Mean over the windows or steps. */
  readonly probabilities: ReadonlyMap<string, number>;
  /** Labels that the bundle's own thresholds find, one for each event; of a classifier, for each window. */
  readonly found: readonly string[];
}

/** The front end's codes of sounds of 16 kHz. */
export const shown = async (sounds: readonly GateSound[]): Promise<readonly ShownSound[]> => {
  const frontEnd = createLogMelFrontEnd(await createRealFft(1024));
  return sounds.map(({ label, samples }) => {
    const frameCount = logMelFrameCount(samples.length);
    const frames = new Uint8Array(frameCount * canonicalFrontEnd.melBands);
    frontEnd.push(frontEnd.rest(), samples, 0, samples.length, frames, 0);
    return { label, features: { frames, frameCount } };
  });
};

/** What the bundle makes of the sounds, by the stages of the live pipeline. */
export const measure = async (bundle: ModelBundle, sounds: readonly ShownSound[]): Promise<GateFigures> => {
  const listen = listenerOf(bundle);
  const right: number[] = [];
  const highest: number[] = [];
  let [named, found, falseFinds] = [0, 0, 0];
  for (const { label, features } of sounds) {
    const heard = await listen(features);
    const [first = '', most = 0] = [...heard.probabilities].sort(([, a], [, b]) => b - a)[0] ?? [];
    if (label === null) {
      falseFinds += heard.found.length;
      highest.push(most);
      continue;
    }
    if (first === label) named += 1;
    if (heard.found.includes(label)) found += 1;
    right.push(heard.probabilities.get(label) ?? 0);
  }
  const [rightProbability, otherProbability] = [mean(right), mean(highest)];
  return {
    classSounds: right.length,
    otherSounds: highest.length,
    named,
    found,
    rightProbability,
    falseFinds,
    otherProbability,
  };
};

const listenerOf = (bundle: ModelBundle): ((features: SignalFeatures) => Promise<Heard>) => {
  const rule = bundle.manifest.detection;
  if (rule === undefined) throw new Error(`${bundle.directory}: no thresholds to judge`);
  if (bundle.task === 'audio-classification') {
    const classifier = createClassifier(bundle);
    return async (features) => {
      const windows = await classifySignal(canonicalFrontEnd, classifier, features);
      const probabilities = new Map(clipResult(windows).map(({ label, probability }) => [label, probability]));
      return { probabilities, found: windows.flatMap((window) => above(rule, window)) };
    };
  }
  const sequence = createSequence(bundle);
  return async (features) => {
    const activity = await listenToSignal(canonicalFrontEnd, sequence, features);
    const detect = createDetectEvents({ ruleFor: () => rule, updateEveryS: Infinity, floorDb: null });
    const events = runStage(detect, '', activity).filter(({ phase }) => phase === 'close');
    return { probabilities: meansOf(activity), found: events.map(({ label }) => label) };
  };
};

const above = (
  rule: DetectionRule,
  { labels, probabilities }: { readonly labels: readonly string[]; readonly probabilities: readonly number[] },
): readonly string[] => labels.filter((label, i) => (probabilities[i] ?? 0) >= ruleOfLabel(rule, label).onThreshold);

const meansOf = (activity: readonly SoundActivity[]): ReadonlyMap<string, number> => {
  const steps = activity.reduce((sum, { steps: count }) => sum + count, 0);
  return new Map(
    (activity[0]?.labels ?? []).map((label, i, labels) => [
      label,
      activity.reduce((sum, { probabilities }) => sum + everyNth(probabilities, i, labels.length), 0) /
        (PROBABILITY_CODES * steps),
    ]),
  );
};

const everyNth = (values: Uint8Array, from: number, step: number): number => {
  let sum = 0;
  for (let at = from; at < values.length; at += step) sum += values[at] ?? 0;
  return sum;
};

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : Number((values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(4));
