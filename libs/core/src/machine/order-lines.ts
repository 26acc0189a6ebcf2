import { QUANTISED_FLOOR_DB, QUANTISED_STEP_DB } from '../dsp/index.js';
import { LONG_BIN_HZ, LONG_BINS, type LongSpectra } from './long-spectra.js';
import { lineNames, type LineName, type MachineLine, type MachineSettings, type MachineSpectrum } from './types.js';

/** Surroundings of a bin: this many bins to both sides. */
const AROUND = 12;
/** A prominence counts up to this, dB: one huge line does not make a shaft. */
const MOST_PROMINENCE_DB = 20;
/** Weights of the shaft's orders 1 … 5 in the search for its speed. */
const ORDER_WEIGHTS = [1, 0.8, 0.7, 0.5, 0.5] as const;
/** What lies at half orders speaks against a speed: then it is a multiple of the real one. */
const HALF_ORDER_WEIGHT = 0.6;
const SEARCH_STEP_HZ = 0.05;
/** A shaft is recognised from this weighted sum of prominences on, dB. */
const LEAST_SHAFT_SCORE_DB = 18;
/** Shaft lines lie this close to their order. */
const SHAFT_TOLERANCE = 0.01;
/** Rolling elements slip: rates of faults lie this close to the computed one. */
const SLIP_TOLERANCE = 0.025;
const MULTIPLES = 3;
/** Bins to either side of a peak that belong to its line. */
const LINE_REACH = 3;
/** Equivalent noise bandwidth of the Hann window, bins: the power of a sine's bins over that of its peak (Harris 1978). */
const HANN_NOISE_BANDWIDTH = 1.5;

/** How far each bin stands over the median of its surroundings, dB. */
export const prominences = (codes: Uint8Array, bins: number): Float32Array => {
  const out = new Float32Array(bins);
  const around = new Uint8Array(2 * AROUND + 1);
  for (let bin = 0; bin < bins; bin++) {
    for (let k = -AROUND; k <= AROUND; k++) {
      around[k + AROUND] = codes[Math.min(codes.length - 1, Math.abs(bin + k))] as number;
    }
    around.sort();
    out[bin] = ((codes[bin] as number) - (around[AROUND] as number)) * QUANTISED_STEP_DB;
  }
  return out;
};

/** Highest value at a frequency, one bin to either side; 0 outside of the spectrum. */
const at = (values: Float32Array, hz: number): number => {
  const bin = Math.round(hz / LONG_BIN_HZ);
  return bin < 1 || bin >= values.length - 1
    ? 0
    : Math.max(values[bin - 1] as number, values[bin] as number, values[bin + 1] as number);
};

const shaftScore = (prominence: Float32Array, hz: number): number => {
  const capped = (order: number): number => Math.min(MOST_PROMINENCE_DB, at(prominence, order * hz));
  const orders = ORDER_WEIGHTS.reduce((sum, weight, index) => sum + weight * capped(index + 1), 0);
  return orders - HALF_ORDER_WEIGHT * (capped(0.5) + capped(1.5));
};

/** Bin of the highest code within `hz` ± `spread` Hz. */
const peakBin = (codes: Uint8Array, hz: number, spread: number): number => {
  const from = Math.max(1, Math.round((hz - spread) / LONG_BIN_HZ));
  const to = Math.min(LONG_BINS - 2, Math.round((hz + spread) / LONG_BIN_HZ));
  let best = Math.max(1, Math.min(LONG_BINS - 2, Math.round(hz / LONG_BIN_HZ)));
  for (let bin = from; bin <= to; bin++) if ((codes[bin] as number) > (codes[best] as number)) best = bin;
  return best;
};

/** Place of a peak between bins, by a parabola through the dB of three. */
const refinedHz = (codes: Uint8Array, bin: number): number => {
  const [a, b, c] = [codes[bin - 1] as number, codes[bin] as number, codes[bin + 1] as number];
  const curve = a - 2 * b + c;
  const shift = curve < 0 ? Math.max(-0.5, Math.min(0.5, (a - c) / (2 * curve))) : 0;
  return (bin + shift) * LONG_BIN_HZ;
};

/** Speed of the shaft, Hz; 0: none recognised in the range. */
export const estimateShaftHz = (
  spectrum: Uint8Array,
  prominence: Float32Array,
  { minShaftHz, maxShaftHz }: MachineSettings,
): number => {
  let [bestHz, best] = [0, -Infinity];
  const steps = Math.round((maxShaftHz - minShaftHz) / SEARCH_STEP_HZ);
  for (let step = 0; step <= steps; step++) {
    const hz = minShaftHz + step * SEARCH_STEP_HZ;
    const score = shaftScore(prominence, hz);
    if (score > best) [bestHz, best] = [hz, score];
  }
  if (best < LEAST_SHAFT_SCORE_DB) return 0;
  // Every clear order tells the speed; the higher, the more exactly.
  let [sum, weights] = [0, 0];
  for (let order = 1; order <= ORDER_WEIGHTS.length; order++) {
    const bin = peakBin(spectrum, order * bestHz, 1.5 * LONG_BIN_HZ);
    const clear = Math.min(MOST_PROMINENCE_DB, prominence[bin] ?? 0);
    if (clear < 6) continue;
    sum += clear * refinedHz(spectrum, bin);
    weights += clear * order;
  }
  return weights > 0 ? sum / weights : bestHz;
};

const lineAt = (name: LineName, codes: Uint8Array, bin: number, prominenceDb: number): MachineLine => ({
  name,
  frequencyHz: refinedHz(codes, bin),
  levelDb: QUANTISED_FLOOR_DB + QUANTISED_STEP_DB * (codes[bin] as number),
  prominenceDb,
});

/** Level of a line wherever it lies between bins, and however the speed moves within the window: the power of the bins around its peak. */
const lineLevelDb = (codes: Uint8Array, bin: number): number => {
  let power = 0;
  for (let at = Math.max(0, bin - LINE_REACH); at <= Math.min(LONG_BINS - 1, bin + LINE_REACH); at++) {
    power += 10 ** ((QUANTISED_FLOOR_DB + QUANTISED_STEP_DB * (codes[at] as number)) / 10);
  }
  return 10 * Math.log10(power / HANN_NOISE_BANDWIDTH);
};

const shaftLine = (
  name: LineName,
  order: number,
  shaftHz: number,
  codes: Uint8Array,
  prominence: Float32Array,
): MachineLine => {
  const hz = order * shaftHz;
  const bin = peakBin(codes, hz, Math.max(2 * LONG_BIN_HZ, SHAFT_TOLERANCE * hz));
  return { ...lineAt(name, codes, bin, prominence[bin] ?? 0), levelDb: lineLevelDb(codes, bin) };
};

/** The rate within the slip whose first three multiples stand out most. */
const bearingLine = (name: LineName, hz: number, codes: Uint8Array, prominence: Float32Array): MachineLine => {
  const spread = Math.max(2 * LONG_BIN_HZ, SLIP_TOLERANCE * hz);
  let [bestHz, best] = [hz, -Infinity];
  for (let tried = hz - spread; tried <= hz + spread; tried += LONG_BIN_HZ / 2) {
    let sum = 0;
    for (let multiple = 1; multiple <= MULTIPLES; multiple++) sum += at(prominence, multiple * tried);
    if (sum > best) [bestHz, best] = [tried, sum];
  }
  return lineAt(name, codes, peakBin(codes, bestHz, LONG_BIN_HZ), best / MULTIPLES);
};

/** Shaft and lines in a pair of long spectra. */
export const findLines = ({ spectrum, envelope }: LongSpectra, settings: MachineSettings): MachineSpectrum => {
  const reach = Math.min(LONG_BINS, Math.ceil((ORDER_WEIGHTS.length * settings.maxShaftHz) / LONG_BIN_HZ) + 2 * AROUND);
  const prominence = prominences(spectrum, reach);
  const shaftHz = estimateShaftHz(spectrum, prominence, settings);
  const found = { binHz: LONG_BIN_HZ, spectrum, envelope, shaftHz };
  if (shaftHz === 0) return { ...found, lines: [] };
  const envelopeProminence = prominences(envelope, LONG_BINS);
  const orders: Readonly<Record<LineName, number>> = {
    '1x': 1,
    '2x': 2,
    '3x': 3,
    bpfo: settings.bpfoOrder,
    bpfi: settings.bpfiOrder,
    bsf: settings.bsfOrder,
    ftf: settings.ftfOrder,
  };
  const lines = lineNames.flatMap((name): readonly MachineLine[] => {
    const order = orders[name];
    if (order <= 0 || order * shaftHz >= (LONG_BINS - 2) * LONG_BIN_HZ) return [];
    return name === '1x' || name === '2x' || name === '3x'
      ? [shaftLine(name, order, shaftHz, spectrum, prominence)]
      : [bearingLine(name, order * shaftHz, envelope, envelopeProminence)];
  });
  return { ...found, lines };
};
