import {
  createLogMelFrontEnd,
  createResampler,
  FRONT_END,
  type LogMelState,
  type RealFft,
  type Resampler,
  type ResamplerState,
} from '../dsp/index.js';
import {
  createLevelMeter,
  type LevelMeter,
  type MeterState,
  type Samples,
  type SecondLevels,
} from '../levels/index.js';
import { createLongAnalyser, type LongSpectra, type LongState } from '../machine/index.js';

/** What a second heard, in order: mel frames of a run, or the end of a run. */
type Item =
  | {
      readonly kind: 'frames';
      /** Sample index of the start of the run. */
      readonly runStart: number;
      /** Since the start of the run. */
      readonly firstFrameIndex: number;
      readonly row: number;
      count: number;
    }
  | { readonly kind: 'break'; readonly sampleIndex: number };

/** Plain value; methods of the analyser change it in place. */
export interface AnalyserState {
  readonly meter: MeterState;
  resampler: ResamplerState;
  mel: LogMelState;
  /** Sample index where the run under way began; null: none. */
  runStart: number | null;
  /** Mel frames of the run so far. */
  runFrames: number;
  /** Index of the open second and of the first sample heard in it; null: nothing heard. */
  secondIndex: number | null;
  firstSample: number;
  readonly codes: Uint8Array;
  rows: number;
  items: Item[];
  /** Of the run under way; absent or null: nobody asks for long spectra. */
  long?: LongState | null;
}

export type AnalysedPart =
  | {
      readonly kind: 'frames';
      readonly runStart: number;
      readonly firstFrameIndex: number;
      readonly frameCount: number;
      /** frameCount x 64 codes; a copy. */
      readonly codes: Uint8Array;
    }
  | { readonly kind: 'break'; readonly sampleIndex: number };

export interface ClosedSecond {
  readonly secondIndex: number;
  readonly firstSample: number;
  readonly sampleCount: number;
  /** dB re full-scale RMS. */
  readonly levels: SecondLevels;
  /** At most one of them has frames. */
  readonly parts: readonly AnalysedPart[];
  /** The newest long spectra that the second completed, of the run that is under way at its end; null: none. */
  readonly long: { readonly runStart: number; readonly spectra: LongSpectra } | null;
}

/**
 * Levels and log-mel of one stream at one rate, on the grid of its seconds: second k = samples [k·rate, (k+1)·rate).
 * Samples may be cut into calls in any way.
 */
export interface SecondAnalyser {
  readonly rateHz: number;
  rest(): AnalyserState;
  copy(state: AnalyserState): AnalyserState;
  /**
   * Samples [from, to), the first with index `sampleIndex`, contiguous to the run and within the open second. `long`: whether long
   * spectra are asked for; the same throughout a second.
   */
  push(state: AnalyserState, samples: Samples, from: number, to: number, sampleIndex: number, long?: boolean): void;
  /**
   * The run (if any) ends before `sampleIndex`: filters, resampler and mel frames start anew with the next samples.
   * True: the run's end is for the caller to tell, since no second is open that could keep it.
   */
  endRun(state: AnalyserState, sampleIndex: number): boolean;
  /** The signal ends after `sampleCount` samples of the run: adds the mel frames that only lack the resampler's look-ahead. */
  finishMel(state: AnalyserState, sampleCount: number): void;
  /**
   * Closes the open second; null when nothing was heard in it. A second gives its mel frames in one piece: those of a run that
   * began after the end of another inside the same second go with the next second (of several such, the last).
   */
  close(state: AnalyserState): ClosedSecond | null;
}

/** Room for the mel frames that a second can complete (51) and those carried over from the one before (50). */
const ROWS = 112;
const { melBands } = FRONT_END;

/** `fft` has size 1024. */
interface AnalyserOptions {
  /** No mel frames, no long spectra. */
  readonly levelsOnly?: boolean;
  /** Size 8192; absent: no long spectra. */
  readonly longFft?: RealFft | undefined;
}

export const createSecondAnalyser = (
  rateHz: number,
  fft: RealFft,
  { levelsOnly = false, longFft }: AnalyserOptions = {},
): SecondAnalyser => {
  const longAnalyser = longFft === undefined ? null : createLongAnalyser(longFft);
  const meter: LevelMeter = createLevelMeter(rateHz);
  const resampler: Resampler = createResampler(rateHz, FRONT_END.sampleRateHz);
  const frontEnd = createLogMelFrontEnd(fft);

  const addMel = (state: AnalyserState, samples16k: Float32Array): void => {
    const count = frontEnd.push(state.mel, samples16k, 0, samples16k.length, state.codes, state.rows);
    if (count === 0) return;
    const last = state.items.at(-1);
    if (last?.kind === 'frames') {
      last.count += count;
    } else {
      const runStart = state.runStart ?? 0;
      state.items.push({ kind: 'frames', runStart, firstFrameIndex: state.runFrames, row: state.rows, count });
    }
    state.rows += count;
    state.runFrames += count;
  };

  return {
    rateHz,
    rest: () => ({
      meter: meter.rest(),
      resampler: resampler.rest(),
      mel: frontEnd.rest(),
      runStart: null,
      runFrames: 0,
      secondIndex: null,
      firstSample: 0,
      codes: new Uint8Array(ROWS * melBands),
      rows: 0,
      items: [],
      long: null,
    }),
    copy: (state) => ({
      ...state,
      long: state.long == null || longAnalyser === null ? null : longAnalyser.copy(state.long),
      meter: meter.copy(state.meter),
      resampler: resampler.copy(state.resampler),
      mel: frontEnd.copy(state.mel),
      codes: state.codes.slice(),
      items: state.items.map((item) => ({ ...item })),
    }),
    push: (state, samples, from, to, sampleIndex, long = false) => {
      if (to <= from) return;
      state.runStart ??= sampleIndex;
      if (state.secondIndex === null) {
        state.secondIndex = Math.floor(sampleIndex / rateHz);
        state.firstSample = sampleIndex;
      }
      meter.push(state.meter, samples, from, to, sampleIndex - state.secondIndex * rateHz);
      if (levelsOnly) return;
      const single = samples instanceof Float32Array ? samples : Float32Array.from(samples.subarray(from, to));
      const offset = single === samples ? from : 0;
      const samples16k = resampler.push(state.resampler, single, offset, offset + to - from);
      addMel(state, samples16k);
      if (!long || longAnalyser === null) state.long = null;
      else longAnalyser.push((state.long ??= longAnalyser.rest()), samples16k);
    },
    endRun: (state, sampleIndex) => {
      if (state.runStart === null) return false;
      meter.endRun(state.meter);
      state.resampler = resampler.rest();
      state.mel = frontEnd.rest();
      state.long = null;
      state.runStart = null;
      state.runFrames = 0;
      if (state.secondIndex === null) {
        state.items = [];
        state.rows = 0;
        return true;
      }
      state.items.push({ kind: 'break', sampleIndex });
      return false;
    },
    finishMel: (state, sampleCount) => {
      addMel(state, resampler.finish(state.resampler, sampleCount));
    },
    close: (state) => {
      const { secondIndex, firstSample } = state;
      if (secondIndex === null) return null;
      const firstFrames = state.items.findIndex(({ kind }) => kind === 'frames');
      const last = state.items.at(-1);
      const carried = last?.kind === 'frames' && state.items.indexOf(last) > firstFrames ? last : null;
      const parts = state.items.flatMap((item, i): readonly AnalysedPart[] => {
        if (item.kind === 'break') return [item];
        if (i > firstFrames) return [];
        const { runStart, firstFrameIndex, row, count } = item;
        const codes = state.codes.slice(row * melBands, (row + count) * melBands);
        return [{ kind: 'frames', runStart, firstFrameIndex, frameCount: count, codes }];
      });
      const sampleCount = meter.count(state.meter);
      const levels = meter.take(state.meter);
      state.secondIndex = null;
      state.items = carried === null ? [] : [{ ...carried, row: 0 }];
      state.rows = carried?.count ?? 0;
      if (carried !== null) state.codes.copyWithin(0, carried.row * melBands, (carried.row + carried.count) * melBands);
      const spectra = state.long == null ? null : (longAnalyser?.take(state.long) ?? null);
      const { runStart } = state;
      const long = spectra === null || runStart === null ? null : { runStart, spectra };
      return { secondIndex, firstSample, sampleCount, levels, parts, long };
    },
  };
};
