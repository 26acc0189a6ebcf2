import { createRandom, mixSeed, type Random } from '../random.js';
import type { Clip, ClipSource } from './clip.js';

const RATE_HZ = 32_000;
const SCENE_S = 10;

type Add = (samples: Float32Array, from: number, to: number, random: Random) => void;

const fade = (i: number, from: number, to: number): number => Math.min(1, (i - from) / 320, (to - 1 - i) / 320);

const tone: Add = (samples, from, to, random) => {
  const step = (2 * Math.PI * (300 + 2700 * random())) / RATE_HZ;
  const gain = 0.05 + 0.3 * random();
  for (let i = from; i < to; i++)
    samples[i] = (samples[i] ?? 0) + gain * fade(i, from, to) * Math.sin(step * (i - from));
};

const chirp: Add = (samples, from, to, random) => {
  const [start, end] = [500 + 1000 * random(), 2000 + 6000 * random()];
  const gain = 0.05 + 0.2 * random();
  const seconds = (to - from) / RATE_HZ;
  for (let i = from; i < to; i++) {
    const t = (i - from) / RATE_HZ;
    const phase = 2 * Math.PI * (start * t + ((end - start) * t * t) / (2 * seconds));
    samples[i] = (samples[i] ?? 0) + gain * fade(i, from, to) * Math.sin(phase);
  }
};

const impulses: Add = (samples, from, to, random) => {
  const period = Math.round((0.1 + 0.3 * random()) * RATE_HZ);
  for (let start = from; start < to; start += period)
    for (let i = start; i < Math.min(start + 1600, to); i++)
      samples[i] = (samples[i] ?? 0) + 0.6 * Math.exp(-(i - start) / 160) * (2 * random() - 1);
};

const hum: Add = (samples, from, to, random) => {
  const gain = 0.02 + 0.1 * random();
  for (let i = from; i < to; i++) {
    const phase = (2 * Math.PI * 50 * (i - from)) / RATE_HZ;
    const wave = Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.25 * Math.sin(3 * phase);
    samples[i] = (samples[i] ?? 0) + gain * fade(i, from, to) * wave;
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

/** A scene of 10 s: background and one to three sounds after one another, with silence between them. */
export const renderScene = (seed: number, index: number): Clip => {
  const random = createRandom(mixSeed(seed, index));
  const samples = background(SCENE_S * RATE_HZ, random);
  const marks: { label: string; from: number; to: number }[] = [];
  let at = Math.round((0.5 + random()) * RATE_HZ);
  const count = 1 + Math.floor(random() * 3);
  for (let i = 0; i < count; i++) {
    const [label, add] = kinds[Math.floor(random() * kinds.length)] ?? ['tone', tone];
    const to = Math.min(samples.length, at + Math.round((0.6 + 1.6 * random()) * RATE_HZ));
    add(samples, at, to, random);
    marks.push({ label, from: at, to });
    at = to + Math.round((0.5 + random()) * RATE_HZ);
  }
  return { name: `scene-${seed}-${index}`, samples, marks };
};

/** Scenes without end: the same seed gives the same scenes. */
export const createSyntheticSource = (seed: number): ClipSource => {
  let index = 0;
  return { sampleRateHz: RATE_HZ, next: () => Promise.resolve(renderScene(seed, index++)) };
};
