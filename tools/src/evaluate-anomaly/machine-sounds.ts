/**
 * Seeded sound of a machine over varying load: a shaft whose speed falls with the load, its orders, a hum of the mains, a gear, broadband noise
 * that grows with the load. Faults are added to it: an imbalance (more of the first order) or a damaged race of a bearing, whose
 * strikes ring at a resonance (after McFadden & Smith 1984; strikes slip and jitter, as Antoni 2007 describes them).
 */
import type { MachineSettings } from '@earshot/core/machine';
import { createRandom, mixSeed, type Random } from '../simulator/random.js';

export const RATE_HZ = 16_000;
export const machineFaults = ['imbalance', 'bpfo', 'bpfi'] as const;
export type MachineFault = (typeof machineFaults)[number];

/** One machine; all of it is drawn from a seed. */
export interface Machine {
  readonly settings: MachineSettings;
  /** Speed without load, Hz. */
  readonly idleHz: number;
  /** Share by which full load slows it down. */
  readonly sag: number;
  /** Amplitudes of orders 1, 2, … */
  readonly orders: readonly number[];
  readonly phases: readonly number[];
  readonly gearTeeth: number;
  readonly gear: number;
  readonly hum: number;
  readonly noise: number;
  /** How far the noise follows its last value, 0..1: the higher, the darker. */
  readonly darkness: number;
  /** Rates of strikes lie by this share beside the computed ones. */
  readonly slip: number;
  readonly resonanceHz: number;
  readonly dampingPerS: number;
}

export interface MachineSpell {
  /** 16 kHz. */
  readonly samples: Float32Array;
  /** Mean speed of each second, Hz. */
  readonly shaftHz: readonly number[];
}

const between = (random: Random, from: number, to: number): number => from + (to - from) * random();
const gaussian = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

export const drawMachine = (seed: number): Machine => {
  const random = createRandom(mixSeed(seed, 11));
  const idleHz = between(random, 17, 45);
  const balls = 7 + Math.floor(6 * random());
  // Ratio of ball to pitch diameter times the cosine of the contact angle.
  const ratio = between(random, 0.18, 0.3);
  return {
    settings: {
      minShaftHz: idleHz * 0.85,
      maxShaftHz: idleHz * 1.08,
      bpfoOrder: (balls / 2) * (1 - ratio),
      bpfiOrder: (balls / 2) * (1 + ratio),
      bsfOrder: (1 - ratio * ratio) / (2 * ratio),
      ftfOrder: (1 - ratio) / 2,
    },
    idleHz,
    sag: between(random, 0.01, 0.05),
    orders: Array.from({ length: 6 }, (_, at) => between(random, 0.015, 0.05) / (at + 1) ** 0.5),
    phases: Array.from({ length: 6 }, () => 2 * Math.PI * random()),
    gearTeeth: 13 + Math.floor(20 * random()),
    gear: between(random, 0, 0.03),
    hum: between(random, 0.002, 0.02),
    noise: between(random, 0.03, 0.06),
    darkness: between(random, 0.3, 0.9),
    slip: between(random, -0.012, 0.012),
    resonanceHz: between(random, 2800, 5500),
    dampingPerS: between(random, 500, 1500),
  };
};

/** Load 0.2..1 at each second's beginning: held for a while, then another within ten seconds. */
const loads = (random: Random, seconds: number): readonly number[] => {
  let [load, aim, untilS] = [between(random, 0.2, 1), 0.6, 0];
  return Array.from({ length: seconds + 1 }, (_, second) => {
    if (second >= untilS) [aim, untilS] = [between(random, 0.2, 1), second + between(random, 15, 60)];
    load += Math.max(-0.1, Math.min(0.1, aim - load)) + 0.004 * gaussian(random);
    return load;
  });
};

const healthy = (machine: Machine, random: Random, load: readonly number[]): Float32Array => {
  const { idleHz, sag, orders, phases, gearTeeth, gear, hum, noise, darkness } = machine;
  const norm = Math.sqrt(1 - darkness * darkness);
  let [turns, dark] = [0, 0];
  return Float32Array.from({ length: (load.length - 1) * RATE_HZ }, (_, n) => {
    const now = loadAt(load, n);
    turns += (idleHz * (1 - sag * now)) / RATE_HZ;
    const angle = 2 * Math.PI * turns;
    let value = 0;
    for (let k = 0; k < orders.length; k += 1) value += (orders[k] ?? 0) * Math.sin((k + 1) * angle + (phases[k] ?? 0));
    value += gear * Math.sin(gearTeeth * angle);
    dark = darkness * dark + norm * Math.sqrt(12) * (random() - 0.5);
    const loudness = 0.4 + 0.6 * now;
    return loudness * (value + noise * dark) + hum * Math.sin((2 * Math.PI * 100 * n) / RATE_HZ);
  });
};

const loadAt = (load: readonly number[], n: number): number => {
  const second = Math.floor(n / RATE_HZ);
  const from = load[second] ?? 0;
  return from + ((load[second + 1] ?? from) - from) * (n / RATE_HZ - second);
};

/** Its phase lies within a quarter turn of the first order's own: it adds to the imbalance that is there. */
const imbalance = ({ idleHz, sag, phases }: Machine, random: Random, load: readonly number[]): Float32Array => {
  const phase = (phases[0] ?? 0) + Math.PI * (random() - 0.5);
  let turns = 0;
  return Float32Array.from({ length: (load.length - 1) * RATE_HZ }, (_, n) => {
    const speed = 1 - sag * loadAt(load, n);
    turns += (idleHz * speed) / RATE_HZ;
    return speed * speed * Math.sin(2 * Math.PI * turns + phase);
  });
};

const strikes = (machine: Machine, race: 'bpfo' | 'bpfi', random: Random, load: readonly number[]): Float32Array => {
  const { idleHz, sag, settings, slip, resonanceHz, dampingPerS } = machine;
  const order = settings[`${race}Order`] * (1 + slip);
  const samples = new Float32Array((load.length - 1) * RATE_HZ);
  const ringing = Math.ceil((RATE_HZ * 7) / dampingPerS);
  let [turns, next] = [0, random() / order];
  for (let n = 0; n < samples.length; n += 1) {
    const now = loadAt(load, n);
    turns += (idleHz * (1 - sag * now)) / RATE_HZ;
    if (turns < next) continue;
    next += (1 + 0.01 * gaussian(random)) / order;
    // The inner race turns through the zone that carries the load; the outer one stays in it.
    const zone = race === 'bpfi' ? 1 + 0.6 * Math.cos(2 * Math.PI * turns) : 1;
    const force = zone * (0.5 + 0.5 * now) * (1 + 0.15 * gaussian(random));
    for (let k = 0; k < ringing && n + k < samples.length; k += 1) {
      const since = k / RATE_HZ;
      samples[n + k] =
        (samples[n + k] ?? 0) + force * Math.exp(-dampingPerS * since) * Math.sin(2 * Math.PI * resonanceHz * since);
    }
  }
  return samples;
};

const power = (samples: Float32Array): number =>
  samples.reduce((sum, value) => sum + value * value, 0) / samples.length;

/** A spell of a machine's sound. `faultDb`: mean power of the fault's own sound over that of the healthy machine in the spell. */
export const machineSpell = (
  machine: Machine,
  seed: number,
  seconds: number,
  fault?: { readonly kind: MachineFault; readonly faultDb: number },
): MachineSpell => {
  const random = createRandom(seed);
  const load = loads(random, seconds);
  const samples = healthy(machine, random, load);
  const speeds = load.map((now) => machine.idleHz * (1 - machine.sag * now));
  const shaftHz = Array.from({ length: seconds }, (_, at) => ((speeds[at] ?? 0) + (speeds[at + 1] ?? 0)) / 2);
  if (fault === undefined) return { samples, shaftHz };
  const own =
    fault.kind === 'imbalance' ? imbalance(machine, random, load) : strikes(machine, fault.kind, random, load);
  const gain = Math.sqrt((power(samples) / power(own)) * 10 ** (fault.faultDb / 10));
  return { samples: samples.map((value, n) => value + gain * (own[n] ?? 0)), shaftHz };
};
