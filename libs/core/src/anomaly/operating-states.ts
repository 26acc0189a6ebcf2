import { FEATURES } from './embedding.js';

/** One way the place normally sounds: mean (dB) and variance (dB²) of 96 features. */
export interface OperatingState {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

const MAX_STATES = 6;
/** A feature that hardly moved while learning may still move by this, dB². */
const LEAST_VARIANCE = 1;
/** The most unusual sixth of the features makes the distance: a tone shows in few bands. */
const WORST = 16;
const ROUNDS = 6;
/** With few members the variance leans on this share of the variance of everything, as if so many members said it. */
const PRIOR_MEMBERS = 10;
const PRIOR_SHARE = 0.3;
/** Fewer seconds, or a smaller share of them, are no state, unless they are from so many different spans of ten minutes. */
const LEAST_MEMBERS = 5;
const LEAST_SHARE = 0.04;
const LEAST_SLOTS = 3;
/** One second pulls a state no further than so many standard deviations would. */
const STRONGEST_PULL = 3;

type Rows = readonly Float32Array[];

/** An embedded second with the span of ten minutes that it is from. */
export interface Remembered {
  readonly row: Float32Array;
  readonly slot: number;
}

/** Root mean square, over the 16 most unusual features, of deviation / standard deviation. About 1.6 for a second of that state. */
export const distance = ({ mean, variance }: OperatingState, embedding: Float32Array): number => {
  const squares = new Float64Array(FEATURES);
  for (let k = 0; k < FEATURES; k += 1) {
    const deviation = (embedding[k] ?? 0) - (mean[k] ?? 0);
    squares[k] = (deviation * deviation) / (variance[k] ?? LEAST_VARIANCE);
  }
  squares.sort();
  let sum = 0;
  for (let at = FEATURES - WORST; at < FEATURES; at += 1) sum += squares[at] ?? 0;
  return Math.sqrt(sum / WORST);
};

export interface Nearest {
  readonly index: number;
  readonly distance: number;
}

export const nearest = (states: readonly OperatingState[], embedding: Float32Array): Nearest => {
  let best: Nearest = { index: 0, distance: Infinity };
  for (const [index, state] of states.entries()) {
    const found = distance(state, embedding);
    if (found < best.distance) best = { index, distance: found };
  }
  return best;
};

/** Features between two looks whether a gap is too wide already. */
const LOOK = 16;

/** Exact below `least`; of a wider gap only that it is. */
const squaredGap = (a: Float32Array, b: Float32Array, least = Infinity): number => {
  let sum = 0;
  for (let from = 0; from < FEATURES && sum < least; from += LOOK) {
    for (let k = from; k < from + LOOK; k += 1) sum += ((a[k] as number) - (b[k] as number)) ** 2;
  }
  return sum;
};

const meanOf = (rows: Rows): Float32Array => {
  const mean = new Float32Array(FEATURES);
  for (const row of rows) for (let k = 0; k < FEATURES; k += 1) mean[k] = (mean[k] ?? 0) + (row[k] ?? 0) / rows.length;
  return mean;
};

const varianceOf = (rows: Rows, mean: Float32Array, prior?: Float32Array): Float32Array => {
  const weight = prior === undefined ? 0 : PRIOR_MEMBERS;
  return mean.map((centre, k) => {
    let squares = weight * PRIOR_SHARE * (prior?.[k] ?? 0);
    for (const row of rows) squares += ((row[k] ?? 0) - centre) ** 2;
    return Math.max(LEAST_VARIANCE, squares / (rows.length + weight));
  });
};

const byCentre = (rows: Rows, centres: Rows): readonly Rows[] => {
  const groups: Float32Array[][] = centres.map(() => []);
  for (const row of rows) {
    let [best, least] = [0, Infinity];
    for (const [c, centre] of centres.entries()) {
      const gap = squaredGap(row, centre, least);
      if (gap < least) [best, least] = [c, gap];
    }
    groups[best]?.push(row);
  }
  return groups.filter((group) => group.length > 0);
};

const settle = (rows: Rows, start: Rows): readonly Rows[] => {
  let centres = start;
  let groups = byCentre(rows, centres);
  for (let round = 0; round < ROUNDS; round += 1) {
    centres = groups.map(meanOf);
    groups = byCentre(rows, centres);
  }
  return groups;
};

/** Seconds that sound alike, at most six groups: each new one starts from the second that is worst placed. No chance in it. */
const group = (rows: Rows): readonly Rows[] => {
  let groups: readonly Rows[] = [rows];
  for (let opened = 1; opened < MAX_STATES; opened += 1) {
    const centres = groups.map(meanOf);
    const gapOf = (row: Float32Array): number => Math.min(...centres.map((centre) => squaredGap(row, centre)));
    const gaps = rows.map(gapOf);
    const furthest = gaps.reduce((best, gap, at) => (gap > (gaps[best] ?? 0) ? at : best), 0);
    groups = settle(rows, [...centres, rows[furthest] as Float32Array]);
  }
  return groups;
};

export interface Grouped {
  readonly states: readonly OperatingState[];
  /** The rows that made them: without what was too seldom to be a state, e.g. a burst while learning. */
  readonly members: Rows;
}

/** The states of embedded normal seconds, at least one. */
export const learnStates = (remembered: readonly Remembered[]): Grouped => {
  const least = Math.max(LEAST_MEMBERS, LEAST_SHARE * remembered.length);
  const rows = remembered.map(({ row }) => row);
  const slotOf = new Map(remembered.map(({ row, slot }) => [row, slot]));
  const recurs = (members: Rows): boolean => new Set(members.map((row) => slotOf.get(row))).size >= LEAST_SLOTS;
  const groups = group(rows);
  const large = groups.filter((members) => members.length >= least || recurs(members));
  const kept = large.length > 0 ? large : [rows];
  const members = kept.flat();
  const everything = varianceOf(members, meanOf(members));
  const states = kept.map((each) => {
    const mean = meanOf(each);
    return { mean, variance: varianceOf(each, mean, everything) };
  });
  return { states, members };
};

/** Moves the state a little towards a second that belongs to it, so that slow drift stays normal. `rate`: 0..1. */
export const adaptState = (state: OperatingState, embedding: Float32Array, rate: number): OperatingState => {
  const mean = state.mean.slice();
  const variance = state.variance.slice();
  for (let k = 0; k < FEATURES; k += 1) {
    const before = variance[k] ?? LEAST_VARIANCE;
    const limit = STRONGEST_PULL * Math.sqrt(before);
    const deviation = Math.max(-limit, Math.min(limit, (embedding[k] ?? 0) - (mean[k] ?? 0)));
    mean[k] = (mean[k] ?? 0) + rate * deviation;
    variance[k] = Math.max(LEAST_VARIANCE, before + rate * (deviation * deviation - before));
  }
  return { mean, variance };
};
