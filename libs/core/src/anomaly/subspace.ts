import { FEATURES } from './embedding.js';

/**
 * A linear autoencoder over embedded seconds: sixteen numbers keep what usually varies together (day and night, near and far, load), the rest
 * is what it can't reproduce.
 */
export interface Subspace {
  readonly mean: Float32Array;
  /** Standard deviation per feature, dB; at least 1. */
  readonly scale: Float32Array;
  /** CODE x FEATURES in steps of 1/32767; rows orthonormal. */
  readonly basis: Int16Array;
  /** Mean square per feature of what is left, in units of scale². */
  readonly leftover: Float32Array;
}

const CODE = 16;
const LEAST_SCALE_DB = 1;
const LEAST_LEFTOVER = 0.02;
const ROUNDS = 24;
const UNIT = 32_767;

type Rows = readonly Float32Array[];

/** Rows of `basis` made orthonormal in their order (Gram-Schmidt); a row that is nothing but the others becomes zero. */
const orthonormalise = (basis: Float64Array): void => {
  for (let row = 0; row < CODE; row += 1) {
    const at = row * FEATURES;
    for (let other = 0; other < row; other += 1) {
      let dot = 0;
      for (let k = 0; k < FEATURES; k += 1) dot += (basis[at + k] ?? 0) * (basis[other * FEATURES + k] ?? 0);
      for (let k = 0; k < FEATURES; k += 1)
        basis[at + k] = (basis[at + k] ?? 0) - dot * (basis[other * FEATURES + k] ?? 0);
    }
    let norm = 0;
    for (let k = 0; k < FEATURES; k += 1) norm += (basis[at + k] ?? 0) ** 2;
    const factor = norm > 1e-12 ? 1 / Math.sqrt(norm) : 0;
    for (let k = 0; k < FEATURES; k += 1) basis[at + k] = (basis[at + k] ?? 0) * factor;
  }
};

const covariance = (rows: Rows): Float64Array => {
  const out = new Float64Array(FEATURES * FEATURES);
  for (const row of rows) {
    for (let i = 0; i < FEATURES; i += 1) {
      const a = row[i] as number;
      const at = i * FEATURES;
      for (let j = 0; j <= i; j += 1) out[at + j] = (out[at + j] as number) + a * (row[j] as number);
    }
  }
  for (let i = 0; i < FEATURES; i += 1) {
    for (let j = 0; j < i; j += 1) out[j * FEATURES + i] = out[i * FEATURES + j] ?? 0;
  }
  return out;
};

/** `basis` (CODE x FEATURES) times a symmetric `matrix`; four rows at a time, which don't wait for each other's sums. */
const product = (basis: Float64Array, matrix: Float64Array): Float64Array<ArrayBuffer> => {
  const out = new Float64Array(CODE * FEATURES);
  for (let row = 0; row < CODE; row += 4) {
    const [a, b, c, d] = [row * FEATURES, (row + 1) * FEATURES, (row + 2) * FEATURES, (row + 3) * FEATURES] as const;
    for (let j = 0; j < FEATURES; j += 1) {
      let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
      for (let i = 0; i < FEATURES; i += 1) {
        const weight = matrix[j * FEATURES + i] as number;
        sumA += weight * (basis[a + i] as number);
        sumB += weight * (basis[b + i] as number);
        sumC += weight * (basis[c + i] as number);
        sumD += weight * (basis[d + i] as number);
      }
      out[a + j] = sumA;
      out[b + j] = sumB;
      out[c + j] = sumC;
      out[d + j] = sumD;
    }
  }
  return out;
};

/** The leading eigenvectors by orthogonal iteration from a fixed start (cosines): the same for the same rows. */
const leading = (matrix: Float64Array): Float64Array => {
  let basis = Float64Array.from({ length: CODE * FEATURES }, (_, at) =>
    Math.cos((Math.PI * Math.floor(at / FEATURES) * ((at % FEATURES) + 0.5)) / FEATURES),
  );
  orthonormalise(basis);
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = product(basis, matrix);
    orthonormalise(next);
    basis = next;
  }
  return basis;
};

/** What the subspace can't reproduce of an embedding, in units of scale, feature by feature. */
export const leftOver = ({ mean, scale, basis }: Subspace, embedding: Float32Array): Float64Array => {
  const out = new Float64Array(FEATURES);
  for (let k = 0; k < FEATURES; k += 1) out[k] = ((embedding[k] ?? 0) - (mean[k] ?? 0)) / (scale[k] ?? 1);
  for (let row = 0; row < CODE; row += 1) {
    const at = row * FEATURES;
    let code = 0;
    for (let k = 0; k < FEATURES; k += 1) code += (out[k] ?? 0) * (basis[at + k] ?? 0);
    code /= UNIT * UNIT;
    for (let k = 0; k < FEATURES; k += 1) out[k] = (out[k] ?? 0) - code * (basis[at + k] ?? 0);
  }
  return out;
};

/** Root mean square over the features of leftover / its usual size; about 1 for what was learned from. */
export const reconstructionError = (subspace: Subspace, embedding: Float32Array): number => {
  const left = leftOver(subspace, embedding);
  let sum = 0;
  for (let k = 0; k < FEATURES; k += 1) sum += (left[k] ?? 0) ** 2 / (subspace.leftover[k] ?? 1);
  return Math.sqrt(sum / FEATURES);
};

/** Learns from embeddings of normal seconds; at least one. */
export const learnSubspace = (rows: Rows): Subspace => {
  const centre = new Float64Array(FEATURES);
  for (const row of rows) for (let k = 0; k < FEATURES; k += 1) centre[k] = (centre[k] as number) + (row[k] as number);
  for (let k = 0; k < FEATURES; k += 1) centre[k] = (centre[k] as number) / rows.length;
  const spread = new Float64Array(FEATURES);
  for (const row of rows)
    for (let k = 0; k < FEATURES; k += 1)
      spread[k] = (spread[k] as number) + ((row[k] as number) - (centre[k] as number)) ** 2;
  const mean = Float32Array.from(centre);
  const scale = Float32Array.from(spread, (sum) => Math.max(LEAST_SCALE_DB, Math.sqrt(sum / rows.length)));
  const scaled = rows.map((row) => row.map((value, k) => (value - (mean[k] ?? 0)) / (scale[k] ?? 1)));
  const basis = Int16Array.from(leading(covariance(scaled)), (weight) => Math.round(weight * UNIT));
  const raw: Subspace = { mean, scale, basis, leftover: new Float32Array(FEATURES) };
  const squares = new Float64Array(FEATURES);
  for (const row of rows) {
    const left = leftOver(raw, row);
    for (let k = 0; k < FEATURES; k += 1) squares[k] = (squares[k] ?? 0) + (left[k] ?? 0) ** 2;
  }
  const leftover = Float32Array.from(squares, (sum) => Math.max(LEAST_LEFTOVER, sum / rows.length));
  return { ...raw, leftover };
};

/** Moves centre and usual leftover a little towards a normal second. `rate`: 0..1. */
export const adaptSubspace = (subspace: Subspace, embedding: Float32Array, rate: number): Subspace => {
  const mean = subspace.mean.slice();
  const leftover = subspace.leftover.slice();
  const left = leftOver(subspace, embedding);
  for (let k = 0; k < FEATURES; k += 1) {
    const usual = leftover[k] ?? LEAST_LEFTOVER;
    // One second pulls no further than three times the usual would.
    const limit = 3 * Math.sqrt(usual);
    const pull = Math.max(-limit, Math.min(limit, left[k] ?? 0));
    mean[k] = (mean[k] ?? 0) + rate * pull * (subspace.scale[k] ?? 1);
    leftover[k] = Math.max(LEAST_LEFTOVER, usual + rate * (pull * pull - usual));
  }
  return { ...subspace, mean, leftover };
};
