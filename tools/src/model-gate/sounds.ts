import { createRandom, mixSeed, type Random } from '../simulator/random.js';
import { renderScene } from '../simulator/sound/synthetic.js';

/** Rate of everything rendered here. */
export const GATE_RATE_HZ = 16_000;
const SOUND_S = 5;
const COUNT = SOUND_S * GATE_RATE_HZ;
/** Samples between two looks at how loud harmonics are: 10 ms. */
const LEVELS_EVERY = 160;

/** A sound of the gate's fixed set. label: the class that it imitates; null: none of the classes. */
export interface GateSound {
  readonly name: string;
  readonly label: string | null;
  readonly samples: Float32Array;
}

type Course = (t: number) => number;
type Render = (out: Float32Array, random: Random) => void;

const between = (random: Random, low: number, high: number): number => low + (high - low) * random();
const gain = (db: number): number => 10 ** (db / 20);

/** Adds harmonics of a frequency course from `fromS` for `lengthS`; `levelDb(frequency, order)` shapes them, `envelope` runs over 0..1. */
const addVoice = (out: Float32Array, { fromS, lengthS, hz, orders, levelDb, envelope }: Voice): void => {
  const from = Math.round(fromS * GATE_RATE_HZ);
  const length = Math.round(lengthS * GATE_RATE_HZ);
  let phase = 0;
  let gains: readonly number[] = [];
  for (let i = 0; i < length && from + i < out.length; i += 1) {
    const at = i / length;
    const base = hz(at);
    phase += base / GATE_RATE_HZ;
    if (i % LEVELS_EVERY === 0)
      gains = Array.from({ length: Math.min(orders, Math.floor(7800 / base)) }, (_, k) =>
        gain(levelDb((k + 1) * base, k + 1)),
      );
    const sum = gains.reduce((total, level, k) => {
      const order = k + 1;
      return total + level * Math.sin(2 * Math.PI * order * phase + order * order);
    }, 0);
    out[from + i] = (out[from + i] ?? 0) + sum * envelope(at);
  }
};

interface Voice {
  readonly fromS: number;
  readonly lengthS: number;
  readonly hz: Course;
  readonly orders: number;
  readonly levelDb: (frequencyHz: number, order: number) => number;
  readonly envelope: Course;
}

/** Noise through a one-pole high-pass and low-pass at the given corners, times `envelope(t in s)`. */
const addNoise = (
  out: Float32Array,
  random: Random,
  [lowHz, highHz]: readonly [number, number],
  envelope: Course,
): void => {
  const low = Math.exp((-2 * Math.PI * lowHz) / GATE_RATE_HZ);
  const high = Math.exp((-2 * Math.PI * highHz) / GATE_RATE_HZ);
  let below = 0;
  let smooth = 0;
  for (let i = 0; i < out.length; i += 1) {
    const white = 2 * random() - 1;
    below = low * below + (1 - low) * white;
    smooth = high * smooth + (1 - high) * (white - below);
    out[i] = (out[i] ?? 0) + smooth * envelope(i / GATE_RATE_HZ);
  }
};

/** A knock at `atS`: damped modes. */
const addKnock = (out: Float32Array, random: Random, atS: number, decayS: number, level: number): void => {
  const modes = Array.from({ length: 3 }, () => between(random, 1200, 5500));
  const from = Math.round(atS * GATE_RATE_HZ);
  for (let i = 0; i < 8 * decayS * GATE_RATE_HZ && from + i < out.length; i += 1) {
    const t = i / GATE_RATE_HZ;
    const wave = modes.reduce((sum, hz) => sum + Math.sin(2 * Math.PI * hz * t), 0);
    out[from + i] = (out[from + i] ?? 0) + level * Math.exp(-t / decayS) * wave;
  }
};

const arch: Course = (at) => Math.sin(Math.PI * Math.min(1, Math.max(0, at))) ** 0.5;

/** What each class sounds like, as a formula; parameters are drawn. They stand for the classes roughly, not for any recording. */
const classes: Readonly<Record<string, Render>> = {
  chainsaw: (out, random) => {
    const base = between(random, 85, 130);
    const load = between(random, 0.5, 1.5);
    addVoice(out, {
      ...{ fromS: 0, lengthS: SOUND_S, orders: 50, envelope: () => 0.1 },
      hz: (at) => base * (1 + 0.12 * Math.sin(2 * Math.PI * load * SOUND_S * at)),
      levelDb: (hz, order) => -4 * Math.log2(order) + (hz > 1500 && hz < 4500 ? 8 : 0) + 4 * Math.sin(order * 2.3),
    });
    addNoise(out, random, [800, 6000], () => 0.25);
  },
  clock_tick: (out, random) => {
    const period = between(random, 0.25, 0.55);
    for (let k = 0; k * period < SOUND_S; k += 1)
      addKnock(out, random, 0.1 + k * period, 0.004, k % 2 === 0 ? 0.25 : 0.18);
    addNoise(out, random, [50, 4000], () => 0.002);
  },
  crackling_fire: (out, random) => {
    addNoise(out, random, [40, 900], () => 0.05);
    for (let t = 0; t < SOUND_S; t += -Math.log(1 - random()) / 22)
      addKnock(out, random, t, between(random, 0.0006, 0.003), 0.3 * random() ** 3);
  },
  crying_baby: (out, random) => {
    const base = between(random, 380, 480);
    for (let at = 0.2; at < SOUND_S - 1; at += 1.25)
      addVoice(out, {
        ...{ fromS: at, lengthS: between(random, 0.8, 1.05), orders: 14, envelope: (x: number) => 0.12 * arch(x) },
        hz: (x) => base * (1 + 0.25 * Math.sin(Math.PI * x) + 0.012 * Math.sin(2 * Math.PI * 22 * x)),
        levelDb: (hz) => -3 * Math.abs(Math.log2(hz / 1200)) - 3 * Math.abs(Math.log2(hz / 3200)) + 3,
      });
    addNoise(out, random, [100, 5000], () => 0.003);
  },
  dog_bark: (out, random) => {
    const base = between(random, 350, 600);
    for (let at = 0.3; at < SOUND_S - 0.5; at += between(random, 0.5, 1.1))
      addVoice(out, {
        ...{ fromS: at, lengthS: 0.17, orders: 9, envelope: (x: number) => 0.25 * arch(x) * (1 - 0.5 * x) },
        hz: (x) => base * (1.25 - 0.9 * (x - 0.3) ** 2 - 0.3 * x) * (1 + 0.05 * (random() - 0.5)),
        levelDb: (hz) => -5 * Math.abs(Math.log2(hz / 900)),
      });
    addNoise(out, random, [100, 3000], () => 0.004);
  },
  helicopter: (out, random) => {
    const blades = between(random, 11, 19);
    const chop: Course = (t) => 0.25 + 0.75 * Math.max(0, Math.sin(2 * Math.PI * blades * t)) ** 3;
    addNoise(out, random, [20, 350], (t) => 1.2 * chop(t));
    addNoise(out, random, [300, 2500], (t) => 0.18 * chop(t - 0.01));
  },
  rain: (out, random) => {
    addNoise(out, random, [700, 7900], () => 0.12);
    for (let t = 0; t < SOUND_S; t += -Math.log(1 - random()) / 60)
      addKnock(out, random, t, between(random, 0.001, 0.004), 0.03 * random());
  },
  rooster: (out, random) => {
    const base = between(random, 480, 620);
    const notes = [
      [0.4, 0.18, 0.9],
      [0.68, 0.2, 1.15],
      [0.98, 0.3, 1.25],
      [1.35, 1.1, 1.55],
    ] as const;
    for (const start of [0, 2.5])
      for (const [at, length, pitch] of notes)
        addVoice(out, {
          ...{ fromS: start + at, lengthS: length, orders: 10, envelope: (x: number) => 0.14 * arch(x) },
          hz: (x) => base * pitch * (1 + 0.08 * Math.sin(Math.PI * x) - (length > 1 ? 0.25 * x * x : 0)),
          levelDb: (hz) => -4 * Math.abs(Math.log2(hz / 1800)),
        });
    addNoise(out, random, [100, 5000], () => 0.004);
  },
  sea_waves: (out, random) => {
    const period = between(random, 3.5, 6);
    const start = random();
    const swell: Course = (t) => 0.25 + (0.5 - 0.5 * Math.cos(2 * Math.PI * (t / period + start))) ** 2;
    addNoise(out, random, [60, 1200], (t) => 0.35 * swell(t));
    addNoise(out, random, [500, 6000], (t) => 0.1 * swell(t));
  },
  sneezing: (out, random) => {
    const at = between(random, 1, 3);
    const burst: Course = (t) => (t < at ? 0 : Math.exp(-(t - at) / 0.12) * Math.min(1, (t - at) / 0.015));
    const breath: Course = (t) =>
      t > at - 0.7 && t < at - 0.1 ? 0.04 * Math.sin((Math.PI * (t - at + 0.7)) / 0.6) : 0;
    addNoise(out, random, [900, 7000], (t) => 0.6 * (burst(t) + breath(t)));
    addVoice(out, {
      ...{ fromS: at, lengthS: 0.22, orders: 14, envelope: (x: number) => 0.15 * arch(x) },
      hz: (x) => 420 - 160 * x,
      levelDb: (hz) => -4 * Math.abs(Math.log2(hz / 1300)),
    });
    addNoise(out, random, [100, 3000], () => 0.002);
  },
};

/** What is none of them. */
const others: Readonly<Record<string, Render>> = {
  hum: (out, random) => {
    const base = random() < 0.5 ? 50 : 60;
    addVoice(out, {
      ...{ fromS: 0, lengthS: SOUND_S, orders: 10, envelope: () => 0.05, hz: () => base },
      levelDb: (_, order) => -5 * Math.log2(order),
    });
    addNoise(out, random, [60, 1500], () => 0.05);
  },
  road: (out, random) => {
    const nearest = between(random, 1.5, 3.5);
    addNoise(out, random, [30, 300], () => 0.1);
    addNoise(out, random, [500, 1500], (t) => 0.4 / (1 + (3 * (t - nearest)) ** 2));
  },
  wind: (out, random) => {
    const [slow, fast] = [between(random, 0.15, 0.5), between(random, 0.6, 1.6)];
    const gust: Course = (t) =>
      0.6 + 0.3 * Math.sin(2 * Math.PI * slow * t) + 0.2 * Math.sin(2 * Math.PI * fast * t + 1);
    addNoise(out, random, [5, 120], (t) => 1.5 * gust(t));
  },
  pink: (out, random) => {
    for (const corner of [60, 250, 1000, 4000]) addNoise(out, random, [corner / 4, corner], () => 0.08);
  },
};

const render = (draw: Render, seed: number): Float32Array => {
  const samples = new Float32Array(COUNT);
  draw(samples, createRandom(seed));
  return samples;
};

/** The same everywhere: `perClass` imitations of every class, and `perOther` sounds of each kind that is none, scenes of the simulator among them. */
export const fixedSet = (perClass = 5, perOther = 4): readonly GateSound[] => {
  const drawn = (table: Readonly<Record<string, Render>>, count: number, isClass: boolean): GateSound[] =>
    Object.entries(table).flatMap(([kind, draw], k) =>
      Array.from({ length: count }, (_, index) => ({
        name: `${kind}-${index}`,
        label: isClass ? kind : null,
        samples: render(draw, mixSeed(isClass ? 1 : 2, k, index)),
      })),
    );
  const scenes = Array.from({ length: perOther }, (_, index): GateSound => {
    const { name, samples } = renderScene(3, index, GATE_RATE_HZ);
    return { name, label: null, samples };
  });
  return [...drawn(classes, perClass, true), ...drawn(others, perOther, false), ...scenes];
};
