import { compileKernel, instantiateKernel } from '../dsp/wasm.js';
import { KERNEL_WASM } from './generated/kernel.js';
import type { Biquad } from './biquad.js';
import type { BandFilter } from './band-filter.js';

/** Largest number of samples of one call. */
export const BLOCK = 1024;

/** Exports of `kernels/levels.ts`; addresses in bytes. */
interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  watch(
    block: number,
    length: number,
    fullScale: number,
    last: number,
    clippedAt: number,
    nonZeroAt: number,
    sumAt: number,
    longestAt: number,
    gridAt: number,
  ): void;
  weigh(
    block: number,
    length: number,
    c: number,
    memory: number,
    more: number,
    coefficients: number,
    zEnergyAt: number,
    cEnergyAt: number,
    aEnergyAt: number,
    cPeakAt: number,
    lafMaxAt: number,
    lafMinAt: number,
    settledFrom: number,
  ): void;
  bank(plan: number, stages: number, halfBand: number, input: number, length: number, differences: number): void;
}

let compiled: object | undefined;

/** A's coefficients beside C's, as `weigh` reads them: scalars, then pairs. */
export interface WeighingPlan {
  readonly dcGain: number;
  readonly dcPole: number;
  readonly rising: number;
  readonly falling: number;
  readonly fast: number;
  readonly slow: number;
  readonly shared: Biquad;
  readonly aLow: Biquad;
  readonly aHigh: readonly [Biquad, Biquad];
  readonly cHigh: readonly [Biquad, Biquad];
}

export interface BankPlan {
  /** Coefficients of the half-band filter, A0's and A1's in turn: six. */
  readonly halfBand: readonly number[];
  /** Index of each stage's memory and of its sample count, and of its bands' memories and energies; four bands at most. */
  readonly stages: readonly {
    readonly at: number;
    readonly countAt: number;
    readonly bands: readonly { readonly at: number; readonly energyAt: number; readonly filter: BandFilter }[];
  }[];
}

/** Where `weigh` and `watch` find their numbers: indices into `filters` and `second`. */
export interface KernelLayout {
  readonly filtersSize: number;
  readonly secondSize: number;
  readonly weigherAt: number;
  readonly weigherMoreAt: number;
  readonly watchAt: number;
  readonly clippedAt: number;
  readonly nonZeroAt: number;
  readonly sumAt: number;
  readonly longestAt: number;
  readonly gridAt: number;
  readonly zEnergyAt: number;
  readonly cEnergyAt: number;
  readonly cPeakAt: number;
  readonly lafMaxAt: number;
  /** Followed by LASmax and LAImax. */
  readonly lafMinAt: number;
}

/** The loops of one rate over memory of its own: put `filters`, `second` and up to BLOCK samples into the views, then call. */
export interface LevelKernel {
  readonly filters: Float64Array;
  readonly second: Float64Array;
  readonly block: Float64Array;
  /** `history` samples that the caller keeps there, then C of the last block. */
  readonly c: Float64Array;
  watch(length: number, fullScale: number): void;
  /** Makes `block` Z, fills `c`. LAF counts for its least value from sample `settledFrom` on. */
  weigh(length: number, aEnergyAt: number, settledFrom: number): void;
  /** Destroys `block`. */
  bank(length: number): void;
}

const F64 = 8;
/** The bank overwrites three samples before its input; 16-byte alignment of the samples. */
const BEFORE_BLOCK = 4;
/** A pair of differences may be written one beyond. */
const BEYOND_DIFFERENCES = 4;
/** Two pairs of bands: four. */
const STAGE_PAIRS = 2;
const BAND_NUMBERS = 6;

export const createLevelKernel = (
  layout: KernelLayout,
  weighing: WeighingPlan,
  plan: BankPlan,
  history: number,
): LevelKernel => {
  compiled ??= compileKernel(KERNEL_WASM);
  const kernel = instantiateKernel(compiled) as KernelExports;
  const { buffer } = kernel.memory;
  let next = 1024;
  const place = (numbers: number): Float64Array<ArrayBuffer> => {
    const view = new Float64Array(buffer, next, numbers);
    next = Math.ceil((next + view.byteLength) / 16) * 16;
    return view;
  };
  const filters = place(layout.filtersSize);
  const second = place(layout.secondSize);
  const block = place(BEFORE_BLOCK + BLOCK).subarray(BEFORE_BLOCK);
  const c = place(history + BLOCK);
  const differences = place(2 + BLOCK + BEYOND_DIFFERENCES);
  const filterAddress = (index: number): number => filters.byteOffset + index * F64;
  const secondAddress = (index: number): number => second.byteOffset + index * F64;

  const { shared, aLow, aHigh, cHigh, fast, slow } = weighing;
  const high = ([a, b]: readonly [Biquad, Biquad]): readonly number[] => {
    return [a.b0, b.b0, a.b1, b.b1, a.b2, b.b2, a.a1, b.a1, a.a2, b.a2];
  };
  const scalars = [weighing.dcGain, weighing.dcPole, shared.a1, shared.a2, weighing.rising, weighing.falling];
  const low = [aLow.b1, 0, aLow.b2, 0, aLow.a1, 0, aLow.a2, 0];
  const weights = [...scalars, ...low, ...high([aHigh[0], cHigh[0]]), ...high([aHigh[1], cHigh[1]]), fast, slow];
  const coefficients = place(weights.length);
  coefficients.set(weights);

  const [h0 = 0, h1 = 0, h2 = 0, h3 = 0, h4 = 0, h5 = 0] = plan.halfBand;
  const halfBand = place(6);
  halfBand.set([h1, h0, h3, h2, h5, h4]);
  // A lane without a band computes zeros from zeros.
  const idle = place(BAND_NUMBERS + 1);
  const stages = plan.stages.map(({ at, countAt, bands }) => {
    if (bands.length > 2 * STAGE_PAIRS)
      throw new Error(`${bands.length} bands of one stage: at most ${2 * STAGE_PAIRS}`);
    const pairs = Array.from({ length: STAGE_PAIRS }, (_, i) => [bands[2 * i], bands[2 * i + 1]]);
    const tables = pairs.map((pair) => [
      ...pair.map((band) => (band === undefined ? idle.byteOffset : filterAddress(band.at))),
      ...pair.map((band) => (band === undefined ? idle.byteOffset + BAND_NUMBERS * F64 : secondAddress(band.energyAt))),
    ]);
    const lanes = pairs.flatMap((pair) => {
      const [a, b] = pair.map((band) => [
        ...(band?.filter.numerator ?? [0, 0, 0]),
        ...(band?.filter.poles ?? [0, 0, 0, 0, 0, 0]),
      ]);
      return (a ?? []).flatMap((value, k) => [value, b?.[k] ?? 0]);
    });
    const k = place(lanes.length);
    k.set(lanes);
    return [filterAddress(at), secondAddress(countAt), k.byteOffset, ...tables.flat()];
  });
  const planView = new Uint32Array(buffer, next, stages.flat().length);
  planView.set(stages.flat());

  return {
    filters,
    second,
    block,
    c,
    watch: (length, fullScale) => {
      kernel.watch(
        block.byteOffset,
        length,
        fullScale,
        filterAddress(layout.watchAt),
        secondAddress(layout.clippedAt),
        secondAddress(layout.nonZeroAt),
        secondAddress(layout.sumAt),
        secondAddress(layout.longestAt),
        secondAddress(layout.gridAt),
      );
    },
    weigh: (length, aEnergyAt, settledFrom) => {
      kernel.weigh(
        block.byteOffset,
        length,
        c.byteOffset + history * F64,
        filterAddress(layout.weigherAt),
        filterAddress(layout.weigherMoreAt),
        coefficients.byteOffset,
        secondAddress(layout.zEnergyAt),
        secondAddress(layout.cEnergyAt),
        secondAddress(aEnergyAt),
        secondAddress(layout.cPeakAt),
        secondAddress(layout.lafMaxAt),
        secondAddress(layout.lafMinAt),
        settledFrom,
      );
    },
    bank: (length) => {
      kernel.bank(
        planView.byteOffset,
        stages.length,
        halfBand.byteOffset,
        block.byteOffset,
        length,
        differences.byteOffset,
      );
    },
  };
};
