import { createRandom, mixSeed, type Random } from '../random.js';
import type { Clip, ClipSource } from './clip.js';

/** Unless told otherwise. */
export const SYNTHETIC_RATE_HZ = 32_000;
const SCENE_S = 10;

type Add = (samples: Float32Array, from: number, to: number, random: Random, rateHz: number) => void;

const fade = (i: number, from: number, to: number, rateHz: number): number =>
  Math.min(1, (100 * (i - from)) / rateHz, (100 * (to - 1 - i)) / rateHz);

const tone: Add = (samples, from, to, random, rateHz) => {
  const step = (2 * Math.PI * (300 + 2700 * random())) / rateHz;
  const gain = 0.05 + 0.3 * random();
  for (let i = from; i < to; i++)
    samples[i] = (samples[i] ?? 0) + gain * fade(i, from, to, rateHz) * Math.sin(step * (i - from));
};

const chirp: Add = (samples, from, to, random, rateHz) => {
  const [start, end] = [500 + 1000 * random(), Math.min(2000 + 6000 * random(), 0.45 * rateHz)];
  const gain = 0.05 + 0.2 * random();
  const seconds = (to - from) / rateHz;
  for (let i = from; i < to; i++) {
    const t = (i - from) / rateHz;
    const phase = 2 * Math.PI * (start * t + ((end - start) * t * t) / (2 * seconds));
    samples[i] = (samples[i] ?? 0) + gain * fade(i, from, to, rateHz) * Math.sin(phase);
  }
};

const impulses: Add = (samples, from, to, random, rateHz) => {
  const period = Math.round((0.1 + 0.3 * random()) * rateHz);
  for (let start = from; start < to; start += period)
    for (let i = start; i < Math.min(start + rateHz / 20, to); i++)
      samples[i] = (samples[i] ?? 0) + 0.6 * Math.exp((-200 * (i - start)) / rateHz) * (2 * random() - 1);
};

const hum: Add = (samples, from, to, random, rateHz) => {
  const gain = 0.02 + 0.1 * random();
  for (let i = from; i < to; i++) {
    const phase = (2 * Math.PI * 50 * (i - from)) / rateHz;
    const wave = Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.25 * Math.sin(3 * phase);
    samples[i] = (samples[i] ?? 0) + gain * fade(i, from, to, rateHz) * wave;
  }
};

const kinds: readonly (readonly [string, Add])[] = [
  ['tone', tone],
  ['chirp', chirp],
  ['impulses', impulses],
  ['hum', hum],
];

/** Noise that falls towards high frequencies, about -55 dB re full scale. */
const background = (length: number, random: Random): Float32Array => {
  const samples = new Float32Array(length);
  let slow = 0;
  for (let i = 0; i < length; i++) {
    slow = 0.97 * slow + 0.03 * (2 * random() - 1);
    samples[i] = 0.02 * slow + 0.001 * (2 * random() - 1);
  }
  return samples;
};

/** A scene of 10 s at `rateHz`: background and one to three sounds after one another, with silence between them. */
export const renderScene = (seed: number, index: number, rateHz: number): Clip => {
  const random = createRandom(mixSeed(seed, index));
  const samples = background(SCENE_S * rateHz, random);
  const marks: { label: string; from: number; to: number }[] = [];
  let at = Math.round((0.5 + random()) * rateHz);
  const count = 1 + Math.floor(random() * 3);
  for (let i = 0; i < count; i++) {
    const [label, add] = kinds[Math.floor(random() * kinds.length)] ?? ['tone', tone];
    const to = Math.min(samples.length, at + Math.round((0.6 + 1.6 * random()) * rateHz));
    add(samples, at, to, random, rateHz);
    marks.push({ label, from: at, to });
    at = to + Math.round((0.5 + random()) * rateHz);
  }
  return { name: `scene-${seed}-${index}`, samples, marks };
};

/** Scenes without end: the same seed gives the same scenes. */
export const createSyntheticSource = (seed: number, rateHz: number): ClipSource => {
  let index = 0;
  return { sampleRateHz: rateHz, next: () => Promise.resolve(renderScene(seed, index++, rateHz)) };
};
