import { KERNEL_WASM } from './generated/polyphase.js';
import { createKaiserWindow, kaiserBeta, kaiserLength } from './kaiser.js';
import { compileKernel, instantiateOver } from './wasm.js';

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

/** Exports of `kernels/polyphase.ts`; addresses in bytes. */
interface KernelExports {
  run(
    line: number,
    total: number,
    table: number,
    output: number,
    taps: number,
    phases: number,
    up: number,
    down: number,
    start: number,
    phase: number,
    limit: number,
  ): number;
}

/** Samples that are filtered at a time. */
const CHUNK = 4096;
const F64 = 8;
const F32 = 4;
const MOST_OUTPUTS = 2 ** 31 - 1;

let compiled: object | undefined;

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
  const historyRoom = taps + Math.ceil(down / up) + 1;
  const lineRoom = historyRoom + Math.max(CHUNK, half);
  const outputRoom = Math.ceil((lineRoom * up) / down) + 2;
  compiled ??= compileKernel(KERNEL_WASM);
  const lineAt = table.length * F64;
  const outputAt = lineAt + lineRoom * F64;
  const { exports, buffer } = instantiateOver(compiled, outputAt + outputRoom * F32);
  const kernel = exports as KernelExports;
  new Float64Array(buffer, 0, table.length).set(table);
  const line = new Float64Array(buffer, lineAt, lineRoom);
  const computed = new Float32Array(buffer, outputAt, outputRoom);
  let output = new Float32Array(4096);

  /** Computes what the first `total` samples of `line` complete, at most up to output `limit`, into `output` from `at` on. */
  const run = (state: PolyphaseState, total: number, at: number, limit: number): number => {
    // Output n lies between inputs base and base + 1 and needs base - half + 1 … base + half.
    const n = state.nextOutput;
    const base = Math.floor((n * down) / up);
    const start = base - half + 1 - state.historyIndex;
    const most = Math.min(limit - n, MOST_OUTPUTS);
    const count = kernel.run(lineAt, total, 0, outputAt, taps, phases, up, down, start, n * down - base * up, most);
    output.set(computed.subarray(0, count), at);
    state.nextOutput = n + count;
    return at + count;
  };

  const makeRoom = (inputs: number): void => {
    const room = Math.ceil(((inputs + historyRoom) * up) / down) + 2;
    if (output.length < room) output = new Float32Array(2 * room);
  };

  const keep = (state: PolyphaseState, total: number): void => {
    const first = Math.floor((state.nextOutput * down) / up) - half + 1;
    const dropped = Math.min(Math.max(first - state.historyIndex, 0), total);
    state.history.set(line.subarray(dropped, total));
    state.historyCount = total - dropped;
    state.historyIndex += dropped;
  };

  const push = (state: PolyphaseState, samples: Float32Array, from: number, to: number): Float32Array => {
    makeRoom(to - from);
    let count = 0;
    for (let at = from; at < to; at += CHUNK) {
      const end = Math.min(at + CHUNK, to);
      line.set(state.history.subarray(0, state.historyCount));
      line.set(samples.subarray(at, end), state.historyCount);
      const total = state.historyCount + end - at;
      count = run(state, total, count, Infinity);
      keep(state, total);
    }
    return output.subarray(0, count);
  };

  return {
    rest: () => ({
      // Room for everything an output may still need; zeros stand before the signal.
      history: new Float32Array(historyRoom),
      historyCount: half - 1,
      historyIndex: -(half - 1),
      nextOutput: 0,
    }),
    copy: (state) => ({ ...state, history: state.history.slice() }),
    push,
    finish: (state, outputCount) => {
      makeRoom(half);
      const total = state.historyCount + half;
      line.set(state.history.subarray(0, state.historyCount));
      line.fill(0, state.historyCount, total);
      return output.subarray(0, run(state, total, 0, outputCount));
    },
  };
};
