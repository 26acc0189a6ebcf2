import { lineNames, prominences, type LineName, type MachineSpectrum } from '../machine/index.js';
import { QUANTISED_STEP_DB } from '../dsp/index.js';

/**
 * What is normal for a machine's lines: each is explained by speed and load (linear regression on 1, ln of the shaft's speed and the level of the low
 * spectrum), and by how far it usually lies from that. Plain value, never changed in place.
 */
export interface MachineBaseline {
  /** Spectra learned from, the older ones forgotten slowly. */
  readonly count: number;
  /** Sums of products of the three regressors, row by row. */
  readonly squares: Float64Array;
  /** Per line: sums of products with the three regressors, and of its own square. */
  readonly lines: Float64Array;
  /** Smoothed deviations per line, standard deviations. */
  readonly smoothed: Float32Array;
  /** Envelope lines in steps of a tenth of an order, for a bearing whose rates are not known: mean, variance, smoothed deviation; else empty. */
  readonly profile: Float32Array;
}

export type Fault = 'imbalance' | 'misalignment' | 'looseness' | 'bpfo' | 'bpfi' | 'bsf' | 'ftf' | 'line';

/** A fault that the spectra show. */
export interface MachineFinding {
  readonly fault: Fault;
  readonly frequencyHz: number;
  /** Multiple of the shaft's speed. */
  readonly order: number;
  readonly prominenceDb: number;
  /** Over what is normal at this speed and load, dB; negative: an order of the shaft became weaker. */
  readonly excessDb: number;
}

export interface MachineJudged {
  readonly baseline: MachineBaseline;
  /** Strongest smoothed deviation / its limit: above 1 is a fault. 0: not judged. */
  readonly ratio: number;
  /** The most unusual first; at most three. */
  readonly findings: readonly MachineFinding[];
}

const REGRESSORS = 3;
const PER_LINE = REGRESSORS + 1;
const LINES = lineNames.length;
/** Spectra until it is judged. They overlap by three quarters. */
const LEAST_COUNT = 60;
/** Spectra that the sums stand for at most. */
const HORIZON = 86_400;
const SMOOTHING = 0.25;
/** Standard deviations above normal, smoothed, that are a fault. */
const LIMIT = 5;
const PROFILE_LIMIT = 8;
const LEAST_DEVIATION_DB = 0.5;
/** Deviations of one spectrum count up to this, so that one spectrum does not raise anything. */
const MOST_DEVIATION = 20;
/** Keeps the regression tame while speed and load hardly vary. */
const RIDGE = [1e-3, 0.02, 2] as const;
const PROFILE_STEP = 0.1;
const PROFILE_FROM = 0.3;
const PROFILE_BINS = 120;
const MOST_FINDINGS = 3;

const faults: Readonly<Record<LineName, Fault>> = {
  '1x': 'imbalance',
  '2x': 'misalignment',
  '3x': 'looseness',
  bpfo: 'bpfo',
  bpfi: 'bpfi',
  bsf: 'bsf',
  ftf: 'ftf',
};
const isShaftLine = (name: LineName): boolean => name === '1x' || name === '2x' || name === '3x';

export const newMachineBaseline: MachineBaseline = {
  count: 0,
  squares: new Float64Array(REGRESSORS * REGRESSORS),
  lines: new Float64Array(LINES * PER_LINE),
  smoothed: new Float32Array(LINES),
  profile: new Float32Array(0),
};

/** 1, ln of the speed re 25 Hz, mean level of the low spectrum re -60 dB in tens of dB. */
const regressorsOf = ({ shaftHz, spectrum }: MachineSpectrum): readonly [number, number, number] => {
  let sum = 0;
  for (const code of spectrum) sum += code;
  const levelDb = -100 + (QUANTISED_STEP_DB * sum) / Math.max(1, spectrum.length);
  return [1, Math.log(shaftHz / 25), (levelDb + 60) / 10];
};

/** Solves the ridge regression's normal equations (3 x 3, Cramer). */
const solve = (m: ArrayLike<number>, v: ArrayLike<number>): readonly [number, number, number] => {
  const a = Array.from({ length: 9 }, (_, at) => (m[at] ?? 0) + (at % 4 === 0 ? (RIDGE[at / 4] ?? 0) : 0));
  const det = (c: readonly number[]): number =>
    (c[0] ?? 0) * ((c[4] ?? 0) * (c[8] ?? 0) - (c[5] ?? 0) * (c[7] ?? 0)) -
    (c[1] ?? 0) * ((c[3] ?? 0) * (c[8] ?? 0) - (c[5] ?? 0) * (c[6] ?? 0)) +
    (c[2] ?? 0) * ((c[3] ?? 0) * (c[7] ?? 0) - (c[4] ?? 0) * (c[6] ?? 0));
  const all = det(a);
  const column = (k: number): number =>
    det(a.map((value, at) => (at % 3 === k ? (v[Math.floor(at / 3)] ?? 0) : value)));
  return [column(0) / all, column(1) / all, column(2) / all];
};

/** What of a line is watched: level of an order of the shaft; prominence of a bearing's rate, which does not depend on the level. */
const valuesOf = ({ lines }: MachineSpectrum): readonly (number | null)[] =>
  lineNames.map((name) => {
    const line = lines.find((one) => one.name === name);
    if (line === undefined) return null;
    return isShaftLine(name) ? line.levelDb : line.prominenceDb;
  });

interface Deviation {
  readonly excessDb: number;
  readonly sigmas: number;
}

const deviationOf = (baseline: MachineBaseline, line: number, x: readonly number[], value: number): Deviation => {
  const sums = baseline.lines.subarray(line * PER_LINE, (line + 1) * PER_LINE);
  const weights = solve(baseline.squares, sums);
  const predicted = weights.reduce((sum, weight, k) => sum + weight * (x[k] ?? 0), 0);
  // Of a ridge regression: what is left of the squares is y'y - w'X'y - w'Rw.
  const explained = weights.reduce(
    (sum, weight, k) => sum + weight * (sums[k] ?? 0) + (RIDGE[k] ?? 0) * weight * weight,
    0,
  );
  const variance = Math.max(LEAST_DEVIATION_DB ** 2, ((sums[REGRESSORS] ?? 0) - explained) / baseline.count);
  // Away from the speeds and loads that are known, less is certain.
  const leverage = solve(baseline.squares, x).reduce((sum, weight, k) => sum + weight * (x[k] ?? 0), 0);
  const excessDb = value - predicted;
  return { excessDb, sigmas: excessDb / Math.sqrt(variance * (1 + Math.min(100, Math.max(0, leverage) * 10))) };
};

/** Highest prominence of the envelope in each tenth of an order. */
const orderProfile = ({ envelope, binHz, shaftHz }: MachineSpectrum): Float32Array => {
  const stands = prominences(envelope, envelope.length);
  const out = new Float32Array(PROFILE_BINS);
  for (let bin = 1; bin < stands.length; bin += 1) {
    const at = Math.floor(((bin * binHz) / shaftHz - PROFILE_FROM) / PROFILE_STEP);
    if (at >= 0 && at < PROFILE_BINS) out[at] = Math.max(out[at] ?? 0, stands[bin] ?? 0);
  }
  return out;
};

const smooth = (before: number, sigmas: number): number =>
  before + SMOOTHING * (Math.max(-MOST_DEVIATION, Math.min(MOST_DEVIATION, sigmas)) - before);

interface Candidate {
  readonly share: number;
  readonly finding: MachineFinding;
}

const judgeLines = (
  baseline: MachineBaseline,
  spectrum: MachineSpectrum,
): readonly [Float32Array, readonly Candidate[]] => {
  const smoothed = baseline.smoothed.slice();
  const x = regressorsOf(spectrum);
  const candidates = valuesOf(spectrum).flatMap((value, at): readonly Candidate[] => {
    const line = spectrum.lines.find(({ name }) => name === lineNames[at]);
    if (value === null || line === undefined) return [];
    const { excessDb, sigmas } = deviationOf(baseline, at, x, value);
    smoothed[at] = smooth(smoothed[at] ?? 0, sigmas);
    const { frequencyHz, prominenceDb } = line;
    const finding = {
      fault: faults[line.name],
      frequencyHz,
      order: frequencyHz / spectrum.shaftHz,
      prominenceDb,
      excessDb,
    };
    // An order of the shaft that becomes weaker is a change too: a new imbalance may lie against the old one.
    const deviation = isShaftLine(line.name) ? Math.abs(smoothed[at] ?? 0) : (smoothed[at] ?? 0);
    return [{ share: deviation / LIMIT, finding }];
  });
  return [smoothed, candidates];
};

const judgeProfile = (
  baseline: MachineBaseline,
  spectrum: MachineSpectrum,
): readonly [Float32Array, readonly Candidate[]] => {
  if (baseline.profile.length === 0) return [baseline.profile, []];
  const profile = baseline.profile.slice();
  const now = orderProfile(spectrum);
  const candidates: Candidate[] = [];
  for (let at = 0; at < PROFILE_BINS; at += 1) {
    const excessDb = (now[at] ?? 0) - (profile[at] ?? 0);
    const deviation = Math.sqrt(Math.max(2.25, profile[PROFILE_BINS + at] ?? 0));
    const smoothed = smooth(profile[2 * PROFILE_BINS + at] ?? 0, excessDb / deviation);
    profile[2 * PROFILE_BINS + at] = smoothed;
    if (smoothed < 0.8 * PROFILE_LIMIT) continue;
    const order = PROFILE_FROM + (at + 0.5) * PROFILE_STEP;
    const bin = peakNear(spectrum, order);
    const frequencyHz = bin * spectrum.binHz;
    candidates.push({
      share: smoothed / PROFILE_LIMIT,
      finding: {
        fault: 'line',
        frequencyHz,
        order: frequencyHz / spectrum.shaftHz,
        prominenceDb: now[at] ?? 0,
        excessDb,
      },
    });
  }
  return [profile, candidates];
};

const peakNear = ({ envelope, binHz, shaftHz }: MachineSpectrum, order: number): number => {
  const from = Math.ceil(((order - PROFILE_STEP / 2) * shaftHz) / binHz);
  const to = Math.floor(((order + PROFILE_STEP / 2) * shaftHz) / binHz);
  let best = from;
  for (let bin = from; bin <= to; bin += 1) if ((envelope[bin] ?? 0) > (envelope[best] ?? 0)) best = bin;
  return best;
};

/** Holds a spectrum against what is normal. Without a shaft there is nothing to hold against. */
export const judgeMachine = (baseline: MachineBaseline, spectrum: MachineSpectrum): MachineJudged => {
  if (spectrum.shaftHz === 0 || baseline.count < LEAST_COUNT) return { baseline, ratio: 0, findings: [] };
  const [smoothed, lines] = judgeLines(baseline, spectrum);
  const [profile, others] = judgeProfile(baseline, spectrum);
  const candidates = [...lines, ...others].sort((a, b) => b.share - a.share);
  const ratio = Math.max(0, candidates[0]?.share ?? 0);
  const findings = candidates.filter(({ share }) => share >= 0.8).slice(0, MOST_FINDINGS);
  return { baseline: { ...baseline, smoothed, profile }, ratio, findings: findings.map(({ finding }) => finding) };
};

/** Learns from a spectrum of normal sound. */
export const learnMachine = (baseline: MachineBaseline, spectrum: MachineSpectrum): MachineBaseline => {
  if (spectrum.shaftHz === 0) return baseline;
  const keep = 1 - 1 / HORIZON;
  const x = regressorsOf(spectrum);
  const squares = baseline.squares.map((sum, at) => keep * sum + (x[Math.floor(at / 3)] ?? 0) * (x[at % 3] ?? 0));
  const values = valuesOf(spectrum);
  const lines = baseline.lines.map((sum, at) => {
    const value = values[Math.floor(at / PER_LINE)] ?? null;
    if (value === null) return sum;
    const factor = at % PER_LINE === REGRESSORS ? value : (x[at % PER_LINE] ?? 0);
    return keep * sum + value * factor;
  });
  const count = keep * baseline.count + 1;
  const isKnown = spectrum.lines.some(({ name }) => !isShaftLine(name));
  return {
    ...baseline,
    count,
    squares,
    lines,
    profile: isKnown ? new Float32Array(0) : learnProfile(baseline, spectrum, count),
  };
};

const learnProfile = ({ profile }: MachineBaseline, spectrum: MachineSpectrum, count: number): Float32Array => {
  const next = profile.length === 0 ? new Float32Array(3 * PROFILE_BINS) : profile.slice();
  const rate = Math.max(1 / count, 1 / 3600);
  orderProfile(spectrum).forEach((value, at) => {
    const mean = next[at] ?? 0;
    const variance = next[PROFILE_BINS + at] ?? 0;
    next[at] = mean + rate * (value - mean);
    next[PROFILE_BINS + at] = (1 - rate) * (variance + rate * (value - mean) ** 2);
  });
  return next;
};

/** What was smoothed does not reach over a break. */
export const breakMachine = (baseline: MachineBaseline): MachineBaseline => ({
  ...baseline,
  smoothed: new Float32Array(LINES),
  profile: baseline.profile.map((value, at) => (at >= 2 * PROFILE_BINS ? 0 : value)),
});
