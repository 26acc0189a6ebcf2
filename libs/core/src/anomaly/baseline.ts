import { chance, embeddingsOf, SLOTS_PER_DAY, type Exemplars } from './memory.js';
import { adaptState, learnStates, nearest, type OperatingState, type Remembered } from './operating-states.js';
import { adaptSubspace, learnSubspace, reconstructionError, type Subspace } from './subspace.js';

/** What is normal for a sensor. */
export interface Baseline {
  readonly states: readonly OperatingState[];
  readonly subspace: Subspace;
  /** Of seconds that it was not learned from: middle and spread of ln(distance) and of ln(reconstruction error). */
  readonly usual: readonly [Usual, Usual];
  /** The score that a normal second stays below. */
  readonly threshold: number;
  /** Per state in how many remembered spans of ten minutes it was heard in each half hour of the day (UTC), 48 numbers. */
  readonly hours: readonly Uint8Array[];
}

export interface Usual {
  readonly middle: number;
  readonly spread: number;
}

const FOLDS = 4;
/** Normal seconds of a very steady place may still differ by this much, ln. */
const LEAST_SPREAD = 0.08;
/** A score is e^(deviations/5): 1 in the middle of what is normal, 1.5 at two standard deviations, 3.3 at six. */
const PER_E = 5;
/** The threshold lies so many standard deviations above the middle of what is normal, or higher where longer listening says so. */
const MARGIN = 2.75;
/** With fewer different spans of ten minutes, folds are drawn second by second. */
const LEAST_SLOTS = 8;

/** Half hours around its own that a state may be heard at without being out of its time. */
const LEAST_REACH = 3;
/** A state of few spans may be anywhere in wider reaches: so many half hours, divided by their number. */
const REACH_OF_ONE = 96;
/** What is missing around a time of day tells nothing before the sensor was heard there in so many spans of ten minutes. */
const LEAST_HEARD = 8;
/** Each half hour beyond that raises the score by this share, up to twice the score. */
const OUT_OF_TIME = 0.2;
const MOST_OUT_OF_TIME = 2;
const HALF_HOURS = 48;

type Core = Pick<Baseline, 'states' | 'subspace'>;

const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? 0;
  return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at));
};

const learnCore = (remembered: readonly Remembered[]): Core => {
  const { states, members } = learnStates(remembered);
  return { states, subspace: learnSubspace(members) };
};

const lnRaw = ({ states, subspace }: Core, embedding: Float32Array): readonly [number, number] => [
  Math.log(Math.max(1e-6, nearest(states, embedding).distance)),
  Math.log(Math.max(1e-6, reconstructionError(subspace, embedding))),
];

const usualOf = (values: readonly number[]): Usual => {
  const middle = percentile(values, 0.5);
  const spread =
    1.48 *
    percentile(
      values.map((value) => Math.abs(value - middle)),
      0.5,
    );
  return { middle, spread: Math.max(LEAST_SPREAD, spread) };
};

/** Deviations from the middle of what is normal, in standard deviations: mean of both views. */
const deviations = (usual: readonly [Usual, Usual], raw: readonly [number, number]): number =>
  ((raw[0] - usual[0].middle) / usual[0].spread + (raw[1] - usual[1].middle) / usual[1].spread) / 2;

/** Which exemplars are held out together: spans of ten minutes, so that what is judged has no neighbour in what was learned. */
const foldsOf = ({ slots }: Exemplars): readonly number[] => {
  const bySlot = new Set(slots).size >= LEAST_SLOTS;
  return Array.from(slots, (slot, at) => Math.floor(chance(bySlot ? slot : at) * FOLDS));
};

/** Learns from remembered normal seconds. What is usual comes from cross-validation: how far seconds lie that had no say. */
export const learnBaseline = (exemplars: Exemplars, leastThreshold: number): Baseline => {
  const rows = embeddingsOf(exemplars).map((row, at) => ({ row, slot: exemplars.slots[at] ?? 0 }));
  const folds = foldsOf(exemplars);
  const raws: (readonly [number, number])[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const heldOut = rows.filter((_, at) => folds[at] === fold);
    const others = rows.filter((_, at) => folds[at] !== fold);
    if (heldOut.length === 0 || others.length === 0) continue;
    const core = learnCore(others);
    for (const { row } of heldOut) raws.push(lnRaw(core, row));
  }
  const usual: readonly [Usual, Usual] = [usualOf(raws.map(([a]) => a)), usualOf(raws.map(([, b]) => b))];
  const core = learnCore(rows);
  return {
    ...core,
    usual,
    hours: hoursOf(core, rows),
    threshold: Math.fround(Math.max(leastThreshold, Math.exp(MARGIN / PER_E))),
  };
};

const hoursOf = ({ states }: Core, rows: readonly Remembered[]): readonly Uint8Array[] => {
  const spans = states.map(() => new Set<number>());
  for (const { row, slot } of rows) spans[nearest(states, row).index]?.add(slot);
  return spans.map((slots) => {
    const counts = new Uint8Array(HALF_HOURS);
    for (const slot of slots) counts[halfHourOf(slot)] = (counts[halfHourOf(slot)] ?? 0) + 1;
    return counts;
  });
};

const halfHourOf = (slot: number): number => Math.floor((slot % SLOTS_PER_DAY) / (SLOTS_PER_DAY / HALF_HOURS));

const halfHoursApart = (one: number, other: number): number => {
  const gap = Math.abs(one - other);
  return Math.min(gap, HALF_HOURS - gap);
};

/**
 * 1: the state belongs to this time of the day. More, up to 2: it was never heard around it, though the sensor was, and often enough to tell. For a
 * baseline that knows whole days.
 */
const outOfTime = ({ hours }: Baseline, state: number, slot: number): number => {
  const half = halfHourOf(slot);
  let [heard, spans, away] = [0, 0, HALF_HOURS / 2];
  hours.forEach((counts, each) => {
    counts.forEach((count, at) => {
      if (count === 0) return;
      const apart = halfHoursApart(half, at);
      if (apart <= LEAST_REACH) heard += count;
      if (each !== state) return;
      spans += count;
      away = Math.min(away, apart);
    });
  });
  if (heard < LEAST_HEARD || spans === 0) return 1;
  const reach = Math.max(LEAST_REACH, REACH_OF_ONE / spans);
  return Math.min(MOST_OUT_OF_TIME, 1 + OUT_OF_TIME * Math.max(0, away - reach));
};

export interface Scored {
  readonly score: number;
  /** The nearest operating state. */
  readonly state: number;
}

/** How unusual a second sounds: 1 in the middle of what is normal. `slot` (tens of minutes since the epoch): time of day counts; null: not. */
export const scoreOf = (baseline: Baseline, embedding: Float32Array, slot: number | null): Scored => {
  const raw = lnRaw(baseline, embedding);
  const state = nearest(baseline.states, embedding).index;
  const score = Math.exp(Math.min(20, deviations(baseline.usual, raw) / PER_E));
  return { score: score * (slot === null ? 1 : outOfTime(baseline, state, slot)), state };
};

/** Follows slow drift: the second's state and the subspace move a little towards it. */
export const adaptBaseline = (baseline: Baseline, state: number, embedding: Float32Array, rate: number): Baseline => ({
  ...baseline,
  states: baseline.states.map((each, at) => (at === state ? adaptState(each, embedding, rate) : each)),
  subspace: adaptSubspace(baseline.subspace, embedding, rate),
});
