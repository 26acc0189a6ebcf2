import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeAudio } from '@earshot/platform/audio';
import { createRealFft } from '@earshot/platform/fft';
import { createClassifier, loadModelBundle } from '@earshot/platform/onnx';
import { analyseRecording, type Analyser } from '../analyze/analyse-recording.js';
import type { GateFigures } from './gate.js';
import { GATE_RATE_HZ, type GateSound } from './sounds.js';

/** A sound with its rate; `label` null: none of the classes. */
export interface JudgedSound extends GateSound {
  readonly sampleRateHz: number;
}

/** The bundle in the way that sound takes in the live pipeline: front end, ONNX Runtime, its own event rule. */
export const openBundle = async (directory: string): Promise<Analyser> => {
  const bundle = await loadModelBundle(directory);
  return { manifest: bundle.manifest, classifier: createClassifier(bundle), fft: await createRealFft(1024) };
};

export const atGateRate = (sounds: readonly GateSound[]): readonly JudgedSound[] =>
  sounds.map((sound) => ({ ...sound, sampleRateHz: GATE_RATE_HZ }));

/** What the bundle makes of the sounds. */
export const measure = async (analyser: Analyser, sounds: readonly JudgedSound[]): Promise<GateFigures> => {
  const right: number[] = [];
  const highest: number[] = [];
  let [named, found, falseEvents] = [0, 0, 0];
  for (const { label, samples, sampleRateHz } of sounds) {
    const signal = { samples, sampleRateHz, durationS: samples.length / sampleRateHz };
    const { classes, events } = await analyseRecording(analyser, signal, {});
    if (label === null) {
      falseEvents += events.length;
      highest.push(classes[0]?.probability ?? 0);
      continue;
    }
    if (classes[0]?.label === label) named += 1;
    if (events.some((event) => event.label === label)) found += 1;
    right.push(classes.find((each) => each.label === label)?.probability ?? 0);
  }
  return {
    classSounds: right.length,
    otherSounds: highest.length,
    named,
    found,
    rightProbability: mean(right),
    falseEvents,
    otherProbability: mean(highest),
  };
};

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : Number((values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(4));

/** Clips of one fold of `<folder>/esc10`, decoded; null when they are not there. */
export const readFold = async (folder: string, fold: number): Promise<readonly JudgedSound[] | null> => {
  const root = join(folder, 'esc10');
  const files = ((): string[] => {
    try {
      return readdirSync(root, { recursive: true, encoding: 'utf8' });
    } catch {
      return [];
    }
  })().filter((file) => new RegExp(`[\\\\/]${fold}-[^\\\\/]*\\.ogg$`).test(file));
  if (files.length === 0) return null;
  const sounds: JudgedSound[] = [];
  for (const name of files.sort()) {
    const audio = await decodeAudio(readFileSync(join(root, name)));
    const samples = audio.channels[0] ?? new Float32Array();
    sounds.push({ name, label: name.split(/[\\/]/)[0] ?? null, samples, sampleRateHz: audio.sampleRateHz });
  }
  return sounds;
};
