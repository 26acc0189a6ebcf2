import { energyDb } from './level-db.js';
import { flagsOf } from './flags.js';
import { BLOCK, createLevelKernel } from './kernel.js';
import { HALF_BAND, type OctaveBank, planBank } from './octave-bank.js';
import { PEAK_HISTORY, truePeak } from './true-peak.js';
import type { Samples, SecondLevels } from './types.js';
import type { WeightingCurve } from './weighting-curve.js';
import { planWeighing, SETTLED_S, WEIGHTER, WEIGHTER_MORE } from './weighter.js';

/** 125 ms intervals of a second. */
const SLOTS = 8;

/** A sample at or beyond this counts as clipped: full scale of 16 bits. */
const FULL_SCALE = 32_767 / 32_768;

/** Accumulators of a second, then bands and stage counts. */
export const SECOND = {
  zEnergy: 0,
  cEnergy: 1,
  cPeak: 2,
  lafMax: 3,
  count: 4,
  clipped: 5,
  nonZero: 6,
  /** Sum of squares, number of samples and LAF mean square at the end (-1: not reached) of each 125 ms. */
  slotEnergy: 7,
  slotCount: 7 + SLOTS,
  slotLaf: 7 + 2 * SLOTS,
  bands: 7 + 3 * SLOTS,
} as const;

/** Further accumulators, behind bands and stage counts (so that older snapshots stay readable). */
export const SECOND_MORE = { lafMin: 0, lasMax: 1, laiMax: 2, sum: 3, longestRun: 4, grid: 5, size: 6 } as const;

/** Plain value. `push`, `settle`, `endRun` and `take` change it in place: copy what was given to you first. */
export interface MeterState {
  /** Filters' memories; all zero = at rest. */
  readonly filters: Float64Array;
  /** What the second under way has gathered. */
  readonly second: Float64Array;
  /** First samples of a run, kept until the DC they sit on is known; empty afterwards. */
  held: Float64Array;
  heldCount: number;
  /** Position inside its second of the first sample held. */
  heldPosition: number;
  primed: boolean;
}

/**
 * Levels of a stream at one rate, second by second. A run is a stretch without discontinuity; filters start each run at
 * rest, but for DC: the high-pass starts on the mean of the run's first 125 ms (or of what there is until its second
 * ends), so that neither DC nor its onset is measured. Results do not depend on how the samples are cut into calls.
 */
export interface LevelMeter {
  readonly rateHz: number;
  rest(): MeterState;
  copy(state: MeterState): MeterState;
  /** Samples [from, to), the first of them at `position` (samples) of its second, none beyond the second's end. */
  push(state: MeterState, samples: Samples, from: number, to: number, position: number): void;
  /** A discontinuity follows: measures what is held and puts the filters to rest. The second stays open. */
  endRun(state: MeterState): void;
  /** Number of samples the open second has seen. */
  count(state: MeterState): number;
  /** Levels of the open second, which is closed. */
  take(state: MeterState): SecondLevels;
}

const slotEnd = (slot: number, rateHz: number): number => Math.floor(((slot + 1) * rateHz) / SLOTS);

/** Below this a filter's memory is put to zero at the end of a second, long before it is slow to compute with. */
const VANISHED = 1e-60;

const readSecond = (second: Float64Array, bank: OctaveBank, rateHz: number): SecondLevels => {
  const at = (index: number): number => second[index] ?? 0;
  const count = at(SECOND.count);
  const silent = at(SECOND.nonZero) === 0;
  const level = (energy: number, samples: number): number | null =>
    silent || samples === 0 ? null : energyDb(energy / samples);
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => at(SECOND.slotCount + slot) > 0);
  const aEnergy = slots.reduce((sum, slot) => sum + at(SECOND.slotEnergy + slot), 0);
  const counts = SECOND.bands + bank.valid.length;
  const more = counts + bank.stages.length;
  const lafMin = at(more + SECOND_MORE.lafMin);
  const laeqDb = level(aEnergy, count);
  const lzeqDb = level(at(SECOND.zEnergy), count);
  const dcDb = level((at(more + SECOND_MORE.sum) / Math.max(1, count)) ** 2, 1);
  return {
    laeqDb,
    lceqDb: level(at(SECOND.cEnergy), count),
    lzeqDb,
    lafMinDb: Number.isFinite(lafMin) ? level(lafMin, 1) : null,
    lasMaxDb: level(at(more + SECOND_MORE.lasMax), 1),
    laiMaxDb: level(at(more + SECOND_MORE.laiMax), 1),
    lafMaxDb: level(at(SECOND.lafMax), 1),
    lcPeakDb: level(at(SECOND.cPeak) ** 2, 1),
    laf125msDb: slots.map((slot) => at(SECOND.slotLaf + slot)).flatMap((laf) => (laf < 0 ? [] : [level(laf, 1)])),
    laeq125msDb: slots.map((slot) => level(at(SECOND.slotEnergy + slot), at(SECOND.slotCount + slot))),
    thirdOctaveDb: bank.stageOf.map((stage, band) =>
      stage < 0 ? null : level(at(SECOND.bands + band), at(counts + stage)),
    ),
    clippedShare: count === 0 ? 0 : at(SECOND.clipped) / count,
    dcDb,
    flags: flagsOf({
      laeqDb,
      lzeqDb,
      dcDb,
      clipped: at(SECOND.clipped),
      grid: at(more + SECOND_MORE.grid),
      longestRunS: at(more + SECOND_MORE.longestRun) / rateHz,
    }),
  };
};

/** A copy of at least `size` numbers: a snapshot of an older version ends where `fill` (default 0) goes on. */
const grown = (numbers: Float64Array, size: number, fill?: Float64Array): Float64Array => {
  if (numbers.length >= size) return numbers.slice();
  const copy = new Float64Array(size);
  if (fill !== undefined) copy.set(fill);
  copy.set(numbers);
  return copy;
};

/**
 * Meter at `rateHz` (8,000 … 192,000). `curve`: the frequency weighting of what is called A in its results, with time weightings and the
 * 125 ms series; sensors are measured with A.
 */
export const createLevelMeter = (rateHz: number, curve: WeightingCurve | 'Z' = 'A'): LevelMeter => {
  const bank = planBank(rateHz);
  const countsAt = SECOND.bands + bank.valid.length;
  const moreAt = countsAt + bank.stages.length;
  const secondSize = moreAt + SECOND_MORE.size;
  const bankAt = WEIGHTER.size;
  const weigherMoreAt = bankAt + bank.memorySize;
  const watchAt = weigherMoreAt + WEIGHTER_MORE.size;
  const filtersSize = watchAt + 2;
  const holdSize = slotEnd(0, rateHz);
  const settledAt = Math.round(SETTLED_S * rateHz);
  const kernel = createLevelKernel(
    {
      filtersSize,
      secondSize,
      weigherAt: 0,
      weigherMoreAt,
      watchAt,
      clippedAt: SECOND.clipped,
      nonZeroAt: SECOND.nonZero,
      sumAt: moreAt + SECOND_MORE.sum,
      longestAt: moreAt + SECOND_MORE.longestRun,
      gridAt: moreAt + SECOND_MORE.grid,
      zEnergyAt: SECOND.zEnergy,
      cEnergyAt: SECOND.cEnergy,
      cPeakAt: SECOND.cPeak,
      lafMaxAt: SECOND.lafMax,
      lafMinAt: moreAt + SECOND_MORE.lafMin,
    },
    planWeighing(rateHz, curve),
    {
      halfBand: HALF_BAND,
      stages: bank.stages.map(({ at, bands }, stage) => ({
        at: bankAt + at,
        countAt: countsAt + stage,
        bands: bands.map((band) => ({
          at: bankAt + band.at,
          energyAt: SECOND.bands + band.index,
          filter: band.filter,
        })),
      })),
    },
    PEAK_HISTORY,
  );
  const emptySecond = new Float64Array(secondSize).fill(-1, SECOND.slotLaf, SECOND.slotLaf + SLOTS);
  emptySecond[moreAt + SECOND_MORE.lafMin] = Infinity;
  const nothing = new Float64Array(0);

  const measure = (state: MeterState, samples: Samples, from: number, to: number, startPosition: number): void => {
    const { filters, second, block, c } = kernel;
    filters.set(state.filters);
    second.set(state.second);
    const historyAt = weigherMoreAt + WEIGHTER_MORE.history;
    c.set(filters.subarray(historyAt, historyAt + PEAK_HISTORY));
    let position = startPosition;
    let slot = 0;
    while (slotEnd(slot, rateHz) <= position) slot++;
    for (let i = from; i < to;) {
      const end = slotEnd(slot, rateHz);
      const length = Math.min(BLOCK, to - i, end - position);
      for (let k = 0; k < length; k++) block[k] = samples[i + k] as number;
      const age = filters[weigherMoreAt + WEIGHTER_MORE.age] as number;
      second[SECOND.count] = (second[SECOND.count] as number) + length;
      second[SECOND.slotCount + slot] = (second[SECOND.slotCount + slot] as number) + length;
      kernel.watch(length, FULL_SCALE);
      kernel.weigh(length, SECOND.slotEnergy + slot, settledAt - age);
      filters[weigherMoreAt + WEIGHTER_MORE.age] = Math.min(settledAt, age + length);
      second[SECOND.cPeak] = truePeak(c, length, second[SECOND.cPeak] as number);
      c.copyWithin(0, length, length + PEAK_HISTORY);
      kernel.bank(length);
      i += length;
      position += length;
      if (position === end) {
        second[SECOND.slotLaf + slot] = filters[WEIGHTER.laf] as number;
        slot++;
      }
    }
    filters.set(c.subarray(0, PEAK_HISTORY), historyAt);
    state.filters.set(filters);
    state.second.set(second);
  };

  const settle = (state: MeterState): void => {
    if (state.primed || state.heldCount === 0) return;
    let sum = 0;
    for (let i = 0; i < state.heldCount; i++) sum += state.held[i] as number;
    // The weighter at rest on a constant: its high-pass has this before it.
    state.filters.fill(0, 0, WEIGHTER.size);
    state.filters[WEIGHTER.dc] = sum / state.heldCount;
    state.primed = true;
    measure(state, state.held, 0, state.heldCount, state.heldPosition);
    state.held = nothing;
    state.heldCount = 0;
  };

  return {
    rateHz,
    rest: () => ({
      filters: new Float64Array(filtersSize),
      second: emptySecond.slice(),
      held: nothing,
      heldCount: 0,
      heldPosition: 0,
      primed: false,
    }),
    copy: (state) => ({
      ...state,
      filters: grown(state.filters, filtersSize),
      second: grown(state.second, secondSize, emptySecond),
      held: state.held.slice(),
    }),
    push: (state, samples, from, to, position) => {
      let i = from;
      if (!state.primed) {
        if (state.heldCount === 0) {
          state.held = new Float64Array(holdSize);
          state.heldPosition = position;
        }
        const taken = Math.min(holdSize - state.heldCount, to - i);
        state.held.set(samples.subarray(i, i + taken), state.heldCount);
        state.heldCount += taken;
        i += taken;
        if (state.heldCount === holdSize) settle(state);
      }
      if (i < to) measure(state, samples, i, to, position + i - from);
    },
    endRun: (state) => {
      settle(state);
      state.filters.fill(0);
      state.primed = false;
    },
    count: ({ second, heldCount }) => (second[SECOND.count] as number) + heldCount,
    take: (state) => {
      settle(state);
      const levels = readSecond(state.second, bank, rateHz);
      state.second.set(emptySecond);
      for (let i = 0; i < state.filters.length; i++) {
        if (Math.abs(state.filters[i] as number) < VANISHED) state.filters[i] = 0;
      }
      return levels;
    },
  };
};
