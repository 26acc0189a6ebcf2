import { createPolyphase, type Polyphase, type PolyphaseState } from './polyphase.js';

/** Passband edge as a share of the lower of both Nyquist frequencies (as soxr's HQ, which models are trained with); the stopband begins there. */
const PASSBAND = 0.913;
const ATTENUATION_DB = 84;
/** Halving filters are short, where Kaiser's formulas promise too much. */
const HALVING_ATTENUATION_DB = 100;
/** The rate is halved first (a short filter) while this many times the output rate is left. */
const HALVING_LEAVES = 1.25;

/** Plain value: one entry per filter. `push` and `finish` change it in place. */
export type ResamplerState = PolyphaseState[];

/**
 * Rational resampler for any integer rates: linear phase, delay compensated (output n lies at input time n · inputRate /
 * outputRate), flat to 0.913 of the lower Nyquist frequency, 84 dB down from that Nyquist frequency on. Before the first
 * sample there is silence. Results do not depend on how the input is cut into calls. Equal rates: nothing is changed.
 */
export interface Resampler {
  readonly inputRateHz: number;
  readonly outputRateHz: number;
  rest(): ResamplerState;
  copy(state: ResamplerState): ResamplerState;
  /** Outputs that samples [from, to) complete. The array is the resampler's own or a view of `samples`: good until its next call. */
  push(state: ResamplerState, samples: Float32Array, from: number, to: number): Float32Array;
  /** The signal has ended after `inputCount` samples, silence follows: the outputs left, ceil(inputCount · out / in) in all. */
  finish(state: ResamplerState, inputCount: number): Float32Array;
}

const planFilters = (inputRateHz: number, outputRateHz: number): readonly Polyphase[] => {
  const filters: Polyphase[] = [];
  let rateHz = inputRateHz;
  const outputNyquistHz = outputRateHz / 2;
  for (; rateHz % 2 === 0 && rateHz / 2 >= HALVING_LEAVES * outputRateHz; rateHz /= 2) {
    // What folds lands above the output's Nyquist frequency, where the last filter stops it.
    const options = { inputRateHz: rateHz, outputRateHz: rateHz / 2, attenuationDb: HALVING_ATTENUATION_DB };
    filters.push(createPolyphase({ ...options, passHz: outputNyquistHz, stopHz: rateHz / 2 - outputNyquistHz }));
  }
  const stopHz = Math.min(rateHz, outputRateHz) / 2;
  if (rateHz !== outputRateHz) {
    const options = { inputRateHz: rateHz, outputRateHz, attenuationDb: ATTENUATION_DB };
    filters.push(createPolyphase({ ...options, passHz: PASSBAND * stopHz, stopHz }));
  }
  return filters;
};

export const createResampler = (inputRateHz: number, outputRateHz: number): Resampler => {
  const filters = planFilters(inputRateHz, outputRateHz);
  const through = (state: ResamplerState, samples: Float32Array, first: number): Float32Array => {
    let left = samples;
    for (let i = first; i < filters.length; i++) {
      left = (filters[i] as Polyphase).push(state[i] as PolyphaseState, left, 0, left.length);
    }
    return left;
  };
  return {
    inputRateHz,
    outputRateHz,
    rest: () => filters.map((filter) => filter.rest()),
    copy: (state) => state.map((one, i) => (filters[i] as Polyphase).copy(one)),
    push: (state, samples, from, to) => through(state, samples.subarray(from, to), 0),
    finish: (state, inputCount) => {
      const outputCount = Math.ceil((inputCount * outputRateHz) / inputRateHz);
      const parts = filters.map((filter, i) => {
        const last = i === filters.length - 1;
        const ended = filter.finish(state[i] as PolyphaseState, last ? outputCount : Infinity);
        return last ? ended.slice() : through(state, ended, i + 1).slice();
      });
      const all = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
      parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
      return all.subarray(0, Math.max(0, outputCount - (produced(state, filters) - all.length)));
    },
  };
};

/** Outputs of the last filter so far. */
const produced = (state: ResamplerState, filters: readonly Polyphase[]): number =>
  filters.length === 0 ? 0 : (state[filters.length - 1] as PolyphaseState).nextOutput;
