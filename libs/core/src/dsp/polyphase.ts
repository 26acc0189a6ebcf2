import { createKaiserWindow, kaiserBeta, kaiserLength } from './kaiser.js';

/**
 * With more phases than this (rates that share few factors) the coefficients of an output are interpolated between two of
 * this many phases (linear: below -110 dB for sound up to 8 kHz).
 */
const MOST_PHASES = 1000;
const INTERPOLATED_PHASES = 512;

/** Plain value; `push` and `finish` change it in place. */
export interface PolyphaseState {
  /** Input samples that later outputs still need. */
  readonly history: Float32Array;
  historyCount: number;
  /** Index since the discontinuity of history[0]; negative: zeros before the signal. */
  historyIndex: number;
  /** Index since the discontinuity of the next output. */
  nextOutput: number;
}

/**
 * One polyphase FIR: Kaiser-windowed, linear phase, delay compensated (output n lies at input time n · inputRate /
 * outputRate; before and after the signal there is silence). Results do not depend on how the input is cut into calls.
 */
export interface Polyphase {
  rest(): PolyphaseState;
  copy(state: PolyphaseState): PolyphaseState;
  /** Outputs that samples [from, to) complete. The array is the resampler's own, good until its next call. */
  push(state: PolyphaseState, samples: Float32Array, from: number, to: number): Float32Array;
  /** The signal has ended: the outputs left, up to `outputCount` in all. */
  finish(state: PolyphaseState, outputCount: number): Float32Array;
}

export interface PolyphaseOptions {
  readonly inputRateHz: number;
  readonly outputRateHz: number;
  readonly passHz: number;
  readonly stopHz: number;
  /** Of the stopband; ripple of the passband is as far down. */
  readonly attenuationDb: number;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Coefficients of phases 0 … up, `taps` each: output at fraction phase / up between two inputs. */
const designPhases = (up: number, half: number, cutoff: number, attenuationDb: number): Float64Array => {
  const taps = 2 * half;
  const window = createKaiserWindow(kaiserBeta(attenuationDb));
  const table = new Float64Array((up + 1) * taps);
  const row = new Float64Array(taps);
  for (let phase = 0; phase <= up; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const t = half - 1 - tap + phase / up;
      const x = 2 * cutoff * t;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      const weight = sinc * window(t / half);
      row[tap] = weight;
      sum += weight;
    }
    // Every phase has gain 1 at DC.
    for (let tap = 0; tap < taps; tap++) table[phase * taps + tap] = (row[tap] as number) / sum;
  }
  return table;
};

/** `taps` is a multiple of 4. */
const convolve = (line: Float64Array, start: number, table: Float64Array, at: number, taps: number): number => {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let x = start, h = at, end = at + taps; h < end; x += 4, h += 4) {
    s0 += (line[x] as number) * (table[h] as number);
    s1 += (line[x + 1] as number) * (table[h + 1] as number);
    s2 += (line[x + 2] as number) * (table[h + 2] as number);
    s3 += (line[x + 3] as number) * (table[h + 3] as number);
  }
  return s0 + s1 + (s2 + s3);
};

/** Rates are positive integers, Hz. Memory of the coefficients: at most 1,001 phases. */
export const createPolyphase = (options: PolyphaseOptions): Polyphase => {
  const { inputRateHz, outputRateHz, passHz, stopHz, attenuationDb } = options;
  const divisor = gcd(inputRateHz, outputRateHz);
  const up = outputRateHz / divisor;
  const down = inputRateHz / divisor;
  const half = 2 * Math.ceil(kaiserLength(attenuationDb, (stopHz - passHz) / inputRateHz) / 4);
  const taps = 2 * half;
  const phases = up <= MOST_PHASES ? up : INTERPOLATED_PHASES;
  const table = designPhases(phases, half, (passHz + stopHz) / 2 / inputRateHz, attenuationDb);
  let line = new Float64Array(8192);
  let output = new Float32Array(4096);

  /** Computes all outputs whose last input has index below `end`, from `line` whose first sample has index `lineIndex`. */
  const run = (state: PolyphaseState, lineIndex: number, end: number, limit: number): Float32Array => {
    let n = state.nextOutput;
    // Output n lies between inputs base and base + 1 and needs base - half + 1 … base + half.
    let base = Math.floor((n * down) / up);
    let phase = n * down - base * up;
    const room = Math.ceil(((end - base) * up) / down) + 2;
    if (output.length < room) output = new Float32Array(2 * room);
    let count = 0;
    while (base + half < end && n < limit) {
      const start = base - half + 1 - lineIndex;
      if (phases === up) {
        output[count++] = convolve(line, start, table, phase * taps, taps);
      } else {
        const row = Math.floor((phase * phases) / up);
        const share = (phase * phases) / up - row;
        output[count++] =
          (1 - share) * convolve(line, start, table, row * taps, taps) +
          share * convolve(line, start, table, (row + 1) * taps, taps);
      }
      n++;
      phase += down;
      const whole = Math.floor(phase / up);
      base += whole;
      phase -= whole * up;
    }
    state.nextOutput = n;
    return output.subarray(0, count);
  };

  const append = (state: PolyphaseState, count: number): number => {
    const total = state.historyCount + count;
    if (line.length < total) line = new Float64Array(2 * total);
    line.set(state.history.subarray(0, state.historyCount));
    return total;
  };

  const keep = (state: PolyphaseState, total: number): void => {
    const first = Math.floor((state.nextOutput * down) / up) - half + 1;
    const dropped = Math.min(Math.max(first - state.historyIndex, 0), total);
    state.history.set(line.subarray(dropped, total));
    state.historyCount = total - dropped;
    state.historyIndex += dropped;
  };

  const push = (state: PolyphaseState, samples: Float32Array, from: number, to: number): Float32Array => {
    const before = state.historyCount;
    const total = append(state, to - from);
    line.set(samples.subarray(from, to), before);
    const result = run(state, state.historyIndex, state.historyIndex + total, Infinity);
    keep(state, total);
    return result;
  };

  return {
    rest: () => ({
      // Room for everything an output may still need; zeros stand before the signal.
      history: new Float32Array(taps + Math.ceil(down / up) + 1),
      historyCount: half - 1,
      historyIndex: -(half - 1),
      nextOutput: 0,
    }),
    copy: (state) => ({ ...state, history: state.history.slice() }),
    push,
    finish: (state, outputCount) => {
      const before = state.historyCount;
      const total = append(state, half);
      line.fill(0, before, total);
      return run(state, state.historyIndex, state.historyIndex + total, outputCount);
    },
  };
};
