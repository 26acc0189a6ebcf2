import { type BandFilter, designBand } from './band-filter.js';
import { designHalfBand } from './half-band.js';
import { bandsOfRate } from './third-octave.js';

/** Largest number of samples of one `process` call. */
export const BLOCK = 1024;

/** A band runs at the lowest rate (rate / 2^stage) whose share this is at least of its upper edge. */
const UPPER_EDGE_SHARE = 0.4;
/** Decimator: flat to 0.2 of the rate before it, 104 dB down from 0.3 of it. */
const HALF_BAND = designHalfBand(6, 0.1);
const HALF_BAND_MEMORY = 2 * HALF_BAND.length;

/** Memory of a stage: x[n-1..3], d[n-1..2], decimator, its waiting sample and whether there is one; then 6 per band. */
const DIFFERENCE_AT = 0;
const HISTORY_AT = 3;
const DECIMATOR_AT = 5;
const WAITING_AT = DECIMATOR_AT + HALF_BAND_MEMORY;
const BANDS_AT = WAITING_AT + 2;

interface BankStage {
  /** Where its memory begins. */
  readonly at: number;
  readonly bands: readonly { readonly index: number; readonly filter: BandFilter; readonly at: number }[];
}

/**
 * Third-octave bank, multirate: octave by octave at half the rate. Runs in place over caller-owned memory, so that a
 * stream may be cut anywhere.
 */
export interface OctaveBank {
  /** Bands of every result; bit i says whether band i is valid at this rate. */
  readonly valid: readonly boolean[];
  readonly stageCount: number;
  /** Stage (index into `counts`) that measures band i. */
  readonly stageOf: readonly number[];
  /** Numbers of memory; zeros are rest. */
  readonly memorySize: number;
  /**
   * `input`: `length` ≤ BLOCK samples, destroyed. Adds each band's sum of squares to energies[energiesAt + band] and the number
   * of samples of each stage to energies[countsAt + stage].
   */
  process(
    memory: Float64Array,
    memoryAt: number,
    input: Float64Array,
    length: number,
    energies: Float64Array,
    energiesAt: number,
    countsAt: number,
  ): void;
}

const planStages = (rateHz: number): { readonly stages: readonly BankStage[]; readonly size: number } => {
  const bands = bandsOfRate(rateHz).filter(({ valid }) => valid);
  const stages: BankStage[] = [];
  let at = 0;
  let left = bands.length;
  for (let stage = 0; left > 0; stage++) {
    const stageRateHz = rateHz / 2 ** stage;
    const mine = bands.slice(0, left).filter(({ upperHz }) => upperHz > (UPPER_EDGE_SHARE / 2) * stageRateHz);
    stages.push({
      at,
      bands: mine.map((band, i) => ({
        index: band.index,
        filter: designBand(band, stageRateHz),
        at: at + BANDS_AT + 6 * i,
      })),
    });
    at += BANDS_AT + 6 * mine.length;
    left -= mine.length;
  }
  return { stages, size: at };
};

/** One band over differences (two of history, then `length` new ones); returns the sum of squares added to `energy`. */
const runBand = (
  { numerator, poles }: BandFilter,
  differences: Float64Array,
  length: number,
  memory: Float64Array,
  at: number,
  energy: number,
): number => {
  const [n0, n1, n2] = numerator;
  const [a1, a2, b1, b2, c1, c2] = poles;
  let p1 = memory[at] as number;
  let p2 = memory[at + 1] as number;
  let q1 = memory[at + 2] as number;
  let q2 = memory[at + 3] as number;
  let r1 = memory[at + 4] as number;
  let r2 = memory[at + 5] as number;
  let sum = energy;
  let d2 = differences[0] as number;
  let d1 = differences[1] as number;
  for (let i = 2; i < length + 2; i++) {
    const d = differences[i] as number;
    const p = n0 * d + n1 * d1 + n2 * d2 - a1 * p1 - a2 * p2;
    const q = p - b1 * q1 - b2 * q2;
    const r = q - c1 * r1 - c2 * r2;
    d2 = d1;
    d1 = d;
    p2 = p1;
    p1 = p;
    q2 = q1;
    q1 = q;
    r2 = r1;
    r1 = r;
    sum += r * r;
  }
  memory[at] = p1;
  memory[at + 1] = p2;
  memory[at + 2] = q1;
  memory[at + 3] = q2;
  memory[at + 4] = r1;
  memory[at + 5] = r2;
  return sum;
};

/** Third differences of the input into `out` from index 2, with the last two of the call before at 0 and 1. */
const differentiate = (
  memory: Float64Array,
  at: number,
  input: Float64Array,
  length: number,
  out: Float64Array,
): void => {
  const x = at + DIFFERENCE_AT;
  const h = at + HISTORY_AT;
  let x1 = memory[x] as number;
  let x2 = memory[x + 1] as number;
  let x3 = memory[x + 2] as number;
  out[0] = memory[h] as number;
  out[1] = memory[h + 1] as number;
  for (let i = 0; i < length; i++) {
    const x0 = input[i] as number;
    out[i + 2] = x0 - x3 - 3 * (x1 - x2);
    x3 = x2;
    x2 = x1;
    x1 = x0;
  }
  memory[x] = x1;
  memory[x + 1] = x2;
  memory[x + 2] = x3;
  memory[h] = out[length] as number;
  memory[h + 1] = out[length + 1] as number;
};

const [H0 = 0, H1 = 0, H2 = 0, H3 = 0, H4 = 0, H5 = 0] = HALF_BAND;

/** Halves the rate of `data` in place; returns the number of samples left. An odd sample waits for the next call. */
const decimate = (memory: Float64Array, at: number, data: Float64Array, length: number): number => {
  const m = at + DECIMATOR_AT;
  const w = at + WAITING_AT;
  // Per branch: input memory of the first section, then the output memory of each section (= input of the next).
  let u0 = memory[m] as number;
  let u1 = memory[m + 1] as number;
  let u2 = memory[m + 2] as number;
  let u3 = memory[m + 3] as number;
  let v0 = memory[m + 4] as number;
  let v1 = memory[m + 5] as number;
  let v2 = memory[m + 6] as number;
  let v3 = memory[m + 7] as number;
  let waiting = memory[w] as number;
  let i = 0;
  let out = 0;
  if (memory[w + 1] === 0) {
    if (length === 0) return 0;
    waiting = data[0] as number;
    i = 1;
  }
  for (; i < length; i += 2) {
    const even = data[i] as number;
    const e1 = H0 * (even - u1) + u0;
    const e2 = H2 * (e1 - u2) + u1;
    const e3 = H4 * (e2 - u3) + u2;
    u0 = even;
    u1 = e1;
    u2 = e2;
    u3 = e3;
    const o1 = H1 * (waiting - v1) + v0;
    const o2 = H3 * (o1 - v2) + v1;
    const o3 = H5 * (o2 - v3) + v2;
    v0 = waiting;
    v1 = o1;
    v2 = o2;
    v3 = o3;
    if (i + 1 < length) waiting = data[i + 1] as number;
    data[out++] = 0.5 * (e3 + o3);
  }
  memory[m] = u0;
  memory[m + 1] = u1;
  memory[m + 2] = u2;
  memory[m + 3] = u3;
  memory[m + 4] = v0;
  memory[m + 5] = v1;
  memory[m + 6] = v2;
  memory[m + 7] = v3;
  memory[w] = waiting;
  // After the loop i is length (the last one waits) or length + 1 (none waits).
  memory[w + 1] = i === length ? 1 : 0;
  return out;
};

export const createOctaveBank = (rateHz: number): OctaveBank => {
  const { stages, size } = planStages(rateHz);
  const bands = bandsOfRate(rateHz);
  const stageOf = bands.map(({ index }) =>
    stages.findIndex((stage) => stage.bands.some((band) => band.index === index)),
  );
  const differences = new Float64Array(BLOCK + 2);
  return {
    valid: bands.map(({ valid }) => valid),
    stageCount: stages.length,
    stageOf,
    memorySize: size,
    process: (memory, memoryAt, input, length, energies, energiesAt, countsAt) => {
      let count = length;
      for (let s = 0; s < stages.length && count > 0; s++) {
        const stage = stages[s] as BankStage;
        differentiate(memory, memoryAt + stage.at, input, count, differences);
        for (const { index, filter, at } of stage.bands) {
          const e = energiesAt + index;
          energies[e] = runBand(filter, differences, count, memory, memoryAt + at, energies[e] as number);
        }
        energies[countsAt + s] = (energies[countsAt + s] as number) + count;
        if (s < stages.length - 1) count = decimate(memory, memoryAt + stage.at, input, count);
      }
    },
  };
};
