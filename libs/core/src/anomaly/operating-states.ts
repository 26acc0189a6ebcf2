import { BANDS, FEATURES, LEVEL } from './profile.js';

/** One way the place normally sounds. 65 features each, dB and dB². */
export interface OperatingState {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** A feature that hardly moved while learning may still move by this, dB². */
const LEAST_VARIANCE = 1;
/** The level is one number against 64 bands: it counts this often. */
const LEVEL_COUNTS = 4;
/** The most unusual quarter of the features makes the score: a tone shows in few bands. */
const WORST = 16;

/**
 * Distance of a second to a state: root mean square, over the 16 most unusual features, of deviation / standard deviation.
 * About 1.6 for a second of that state.
 */
export const distance = ({ mean, variance }: OperatingState, profile: Float32Array): number => {
  const squares = new Float64Array(BANDS + LEVEL_COUNTS);
  for (let feature = 0; feature < FEATURES; feature += 1) {
    const deviation = (profile[feature] ?? 0) - (mean[feature] ?? 0);
    squares[feature] = (deviation * deviation) / (variance[feature] ?? LEAST_VARIANCE);
  }
  squares.fill(squares[LEVEL] ?? 0, LEVEL);
  squares.sort();
  let sum = 0;
  for (let index = squares.length - WORST; index < squares.length; index += 1) sum += squares[index] ?? 0;
  return Math.sqrt(sum / WORST);
};

export interface Nearest {
  readonly index: number;
  readonly score: number;
}

export const nearest = (states: readonly OperatingState[], profile: Float32Array): Nearest => {
  let best: Nearest = { index: 0, score: Infinity };
  for (const [index, state] of states.entries()) {
    const score = distance(state, profile);
    if (score < best.score) best = { index, score };
  }
  return best;
};

/** Mean and variance of the members; with few of them the variance leans on `prior`. */
export const estimate = (members: readonly Float32Array[], prior?: Float32Array): OperatingState => {
  const mean = new Float32Array(FEATURES);
  const variance = new Float32Array(FEATURES);
  const priorWeight = prior === undefined ? 0 : 10;
  for (let feature = 0; feature < FEATURES; feature += 1) {
    let sum = 0;
    for (const member of members) sum += member[feature] ?? 0;
    const centre = sum / members.length;
    let squares = priorWeight * (prior?.[feature] ?? 0);
    for (const member of members) squares += ((member[feature] ?? 0) - centre) ** 2;
    mean[feature] = centre;
    variance[feature] = Math.max(LEAST_VARIANCE, squares / (members.length + priorWeight));
  }
  return { mean, variance };
};

/** Moves the state a little towards a second that belongs to it, so that slow drift stays normal. `rate`: 0..1. */
export const adapt = (state: OperatingState, profile: Float32Array, rate: number): OperatingState => {
  const mean = state.mean.slice();
  const variance = state.variance.slice();
  for (let feature = 0; feature < FEATURES; feature += 1) {
    const before = variance[feature] ?? LEAST_VARIANCE;
    // One second pulls no further than three standard deviations would.
    const limit = 3 * Math.sqrt(before);
    const deviation = Math.max(-limit, Math.min(limit, (profile[feature] ?? 0) - (mean[feature] ?? 0)));
    mean[feature] = (mean[feature] ?? 0) + rate * deviation;
    variance[feature] = Math.max(LEAST_VARIANCE, before + rate * (deviation * deviation - before));
  }
  return { mean, variance };
};
