import { type BandFilter, bandSections, designBand } from './band-filter.js';
import { cascadeDb } from './biquad.js';
import { designHalfBand, halfBandGain } from './half-band.js';
import { bandsOfRate } from './third-octave.js';

/** A band runs at the lowest rate (rate / 2^stage) whose share this is at least of its upper edge. */
const UPPER_EDGE_SHARE = 0.4;
/** Decimator: flat to 0.2 of the rate before it, 104 dB down from 0.3 of it. */
export const HALF_BAND = designHalfBand(6, 0.1);
const HALF_BAND_MEMORY = 2 * HALF_BAND.length;

/** Memory of a stage: x[n-1..3], d[n-1..2], decimator, its waiting sample and whether there is one; then 6 per band. */
const DECIMATOR_AT = 5;
const WAITING_AT = DECIMATOR_AT + HALF_BAND_MEMORY;
const BANDS_AT = WAITING_AT + 2;

export interface BankStage {
  /** Where its memory begins, as an index into the bank's. */
  readonly at: number;
  readonly bands: readonly { readonly index: number; readonly filter: BandFilter; readonly at: number }[];
}

/** Third-octave bank, multirate: octave by octave at half the rate. */
export interface OctaveBank {
  readonly stages: readonly BankStage[];
  /** Bands of every result; bit i says whether band i is valid at this rate. */
  readonly valid: readonly boolean[];
  /** Stage that measures band i; -1: none. */
  readonly stageOf: readonly number[];
  /** Numbers of memory; zeros are rest. */
  readonly memorySize: number;
}

export const planBank = (rateHz: number): OctaveBank => {
  const all = bandsOfRate(rateHz);
  const bands = all.filter(({ valid }) => valid);
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
  return {
    stages,
    valid: all.map(({ valid }) => valid),
    stageOf: all.map(({ index }) => stages.findIndex((stage) => stage.bands.some((band) => band.index === index))),
    memorySize: at,
  };
};

/**
 * Response of band `index` of a bank at `rateHz` to a sine of `hz`, dB: its own filter and the decimators before it, aliases left
 * out (they lie 104 dB down). -Infinity for a band that is not valid.
 */
export const bandResponse = (bank: OctaveBank, rateHz: number, index: number): ((hz: number) => number) => {
  const stage = bank.stageOf[index] ?? -1;
  const filter = bank.stages[stage]?.bands.find((band) => band.index === index)?.filter;
  if (filter === undefined) return () => -Infinity;
  const sections = bandSections(filter);
  return (hz) => {
    let db = 0;
    for (let s = 0; s < stage; s++) {
      if (hz >= rateHz / 2 ** (s + 2)) return -Infinity;
      db += 20 * Math.log10(halfBandGain(HALF_BAND, (2 * Math.PI * hz * 2 ** s) / rateHz));
    }
    return db + cascadeDb(sections, (2 * Math.PI * hz * 2 ** stage) / rateHz);
  };
};
