import { KERNEL_WASM } from './generated/mel.js';
import type { MelFilterBank } from './mel-filter-bank.js';
import { quantiseDb } from './quantise.js';
import { compileKernel, instantiateOver } from './wasm.js';

/** Exports of `kernels/mel.ts`; addresses in bytes. */
interface KernelExports {
  windowed(samples: number, window: number, out: number, size: number): void;
  power(spectrum: number, out: number, bins: number): void;
  mel(power: number, table: number, weights: number, out: number, bands: number): void;
  quantise(energies: number, limits: number, out: number, bands: number): void;
}

/** The loops of the front end over memory of its own: put samples and spectra into the views, then call. */
export interface MelKernel {
  /** Room for `lineRoom` samples. */
  readonly line: Float32Array;
  /** fftSize numbers. */
  readonly windowed: Float32Array;
  /** fftSize + 2 numbers: (re, im) of the bins. */
  readonly spectrum: Float32Array;
  /** One per band. */
  readonly energies: Float64Array;
  /** One per band: codes of `energies`. */
  readonly codes: Uint8Array;
  /** Fills `windowed` with the samples of `line` from `start` on. */
  window(start: number): void;
  /** `spectrum` -> `energies`. */
  mel(): void;
  /** `energies` -> `codes`: `quantiseDb` of 10 log10, found by comparing. */
  quantise(): void;
}

const CODES = 256;
const F64 = 8;
const F32 = 4;
/** Numbers that are added at a time. */
const LANES = 4;

const codeOf = (energy: number): number => quantiseDb(10 * Math.log10(energy));

/** The least energy of code `code`, 1 … 255: where `codeOf` goes over to it, found to the last bit by halving. */
const leastOf = (code: number): number => {
  const middle = 10 ** ((code - 0.5) / 20 - 10);
  let [below, from] = [middle * (1 - 1e-9), middle * (1 + 1e-9)];
  for (;;) {
    const between = (below + from) / 2;
    if (between <= below || between >= from) return from;
    if (codeOf(between) < code) below = between;
    else from = between;
  }
};

/** limits[c] to below limits[c + 1] is code c. */
const makeLimits = (): Float64Array =>
  Float64Array.from({ length: CODES + 1 }, (_, code) =>
    code === 0 ? -Infinity : code === CODES ? Infinity : leastOf(code),
  );

let compiled: object | undefined;
let limits: Float64Array | undefined;

/** `window`: fftSize weights, a multiple of 4. */
export const createMelKernel = (window: Float32Array, bank: MelFilterBank, lineRoom: number): MelKernel => {
  compiled ??= compileKernel(KERNEL_WASM);
  limits ??= makeLimits();
  const { bands, firstBin, firstWeight, weights } = bank;
  const size = window.length;
  const bins = size / 2 + 1;
  let next = 0;
  const place = (bytes: number): number => {
    const at = next;
    next = Math.ceil((at + bytes) / 16) * 16;
    return at;
  };
  // Each band's weights are filled up with zeros to a multiple of four.
  const countOf = (band: number): number =>
    Math.ceil(((firstWeight[band + 1] as number) - (firstWeight[band] as number)) / LANES) * LANES;
  const padded = Array.from({ length: bands }, (_, band) => countOf(band));
  const limitsAt = place((CODES + 1) * F64);
  const weightsAt = place(padded.reduce((sum, count) => sum + count, 0) * F32);
  const energiesAt = place(bands * F64);
  const tableAt = place(bands * 2 * F32);
  const windowAt = place(size * F32);
  const windowedAt = place(size * F32);
  const spectrumAt = place((size + 2) * F32);
  const powerAt = place((bins + LANES) * F32);
  const codesAt = place(bands);
  const lineAt = place(lineRoom * F32);
  const { exports, buffer } = instantiateOver(compiled, next);
  const kernel = exports as KernelExports;
  new Float64Array(buffer, limitsAt, CODES + 1).set(limits);
  new Float32Array(buffer, windowAt, size).set(window);
  const table = new Int32Array(buffer, tableAt, 2 * bands);
  let at = weightsAt;
  padded.forEach((count, band) => {
    table.set([firstBin[band] as number, count], 2 * band);
    new Float32Array(buffer, at, count).set(weights.subarray(firstWeight[band], firstWeight[band + 1]));
    at += count * F32;
  });
  return {
    line: new Float32Array(buffer, lineAt, lineRoom),
    windowed: new Float32Array(buffer, windowedAt, size),
    spectrum: new Float32Array(buffer, spectrumAt, size + 2),
    energies: new Float64Array(buffer, energiesAt, bands),
    codes: new Uint8Array(buffer, codesAt, bands),
    window: (start) => kernel.windowed(lineAt + start * F32, windowAt, windowedAt, size),
    mel: () => {
      kernel.power(spectrumAt, powerAt, bins);
      kernel.mel(powerAt, tableAt, weightsAt, energiesAt, bands);
    },
    quantise: () => kernel.quantise(energiesAt, limitsAt, codesAt, bands),
  };
};
