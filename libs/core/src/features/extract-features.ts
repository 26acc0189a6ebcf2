import type { RealFft } from '../dsp/index.js';
import { dlq, drop, emit, type Outcome, type Stage } from '../stage/index.js';
import {
  type BootState,
  copyBoot,
  emptyBoot,
  giveUpHole,
  hearAlone,
  isHearing,
  positionUs,
  sequenced,
  type SequencedFrame,
  silenceBoot,
  startBoot,
  startBootBefore,
  takeDue,
  takeFrame,
} from './boot-stream.js';
import { sampleTimeUs } from './feature-outputs.js';
import { createSecondAnalyser, type SecondAnalyser } from './second-analyser.js';
import { type SequenceLedger, startLedger, take, wasGivenUp, wasTaken } from './sequence-ledger.js';
import type { AudioInput, FeatureOutput } from './types.js';

/** How long frames wait for missing ones before them; whichever is reached first. */
export interface FeatureConfig {
  readonly reorderFrames: number;
  /** From the first waiting sample to the last. */
  readonly reorderMs: number;
  /** Bounds the state: waiting samples take 4 bytes each. */
  readonly reorderSamples: number;
}

export const defaultFeatureConfig: FeatureConfig = { reorderFrames: 16, reorderMs: 10_000, reorderSamples: 2 ** 19 };

export interface FeatureDependencies {
  /** Size 1024. */
  readonly fft: RealFft;
  /** Size 8192; absent: no machine spectra. */
  readonly longFft?: RealFft;
}

/** An earlier boot, remembered so that its stragglers do not bring it back. */
interface ClosedBoot {
  readonly bootId: string;
  readonly ledger: SequenceLedger;
}

export interface FeatureState {
  readonly boot: BootState | null;
  /** Newest first. */
  readonly closedBoots: readonly ClosedBoot[];
}

const MOST_CLOSED_BOOTS = 8;
/** Analysers kept for reuse (they hold filters and coefficients of a rate, no state). */
const MOST_ANALYSERS = 16;
/** A Silent record that says nothing was heard since so long before what was heard here is out of date. */
const SILENT_TOLERANCE_US = 3e6;

const createAnalysers = ({
  fft,
  longFft,
}: FeatureDependencies): ((rateHz: number, levelsOnly?: boolean) => SecondAnalyser) => {
  const kept = new Map<string, SecondAnalyser>();
  return (rateHz, levelsOnly = false) => {
    const key = `${rateHz}${levelsOnly ? ' levels' : ''}`;
    const analyser = kept.get(key) ?? createSecondAnalyser(rateHz, fft, { levelsOnly, longFft });
    kept.delete(key);
    kept.set(key, analyser);
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_ANALYSERS) break;
      kept.delete(oldest);
    }
    return analyser;
  };
};

/** Why a frame doesn't fit its boot; null: it does. */
const misfit = (boot: BootState, input: AudioInput): string | null => {
  const { sequence, firstSampleIndex, sampleCount } = input;
  if (input.sampleRateHz !== boot.sampleRateHz) {
    return `sample rate ${input.sampleRateHz} Hz in sequence ${sequence}, but boot ${boot.bootId} began with ${boot.sampleRateHz} Hz: a new rate needs a new boot id`;
  }
  const before = boot.pending.findLast((frame) => frame.sequence < sequence);
  const least = before === undefined ? boot.nextSample : before.firstSampleIndex + before.sampleCount;
  if (firstSampleIndex < least) {
    return `sequence ${sequence} begins at sample ${firstSampleIndex}, but the frames before it reach to ${least}`;
  }
  const after = boot.pending.find((frame) => frame.sequence > sequence);
  if (after !== undefined && firstSampleIndex + sampleCount > after.firstSampleIndex) {
    return `sequence ${sequence} ends at sample ${firstSampleIndex + sampleCount}, but sequence ${after.sequence} begins at ${after.firstSampleIndex}`;
  }
  return null;
};

const waitsTooLong = ({ reorderFrames, reorderMs, reorderSamples }: FeatureConfig, boot: BootState): boolean => {
  const [first, last] = [boot.pending[0], boot.pending.at(-1)];
  if (first === undefined || last === undefined) return false;
  const span = last.firstSampleIndex + last.sampleCount - first.firstSampleIndex;
  const samples = boot.pending.reduce((total, frame) => total + (frame.samples?.length ?? 0), 0);
  return boot.pending.length > reorderFrames || span * 1000 > reorderMs * boot.sampleRateHz || samples > reorderSamples;
};

const wait = (boot: BootState, frame: SequencedFrame): void => {
  const at = boot.pending.findIndex(({ sequence }) => sequence > frame.sequence);
  boot.pending.splice(at < 0 ? boot.pending.length : at, 0, frame);
};

/**
 * Frames of one sensor -> sound levels and log-mel frames per second of a boot.
 *
 * Frames are put in order of their sequence, which counts from 0 (waiting is bounded, see `FeatureConfig`); duplicates are dropped. A frame
 * that does not fit its boot (rate, sample index) is 'invalid'; of anchors the first one of a boot counts. A gap, a hole that is given up, silence and a new boot
 * are discontinuities: filters and mel frames start anew, and a features output says so. What comes after its hole was
 * given up, or after its boot was closed, is measured on its own (levels only). Each second with any samples gives exactly one
 * levels output (a frame that is late, and what follows a silence inside a second, give another, with another time).
 */
export const createExtractFeatures = (
  config: FeatureConfig,
  dependencies: FeatureDependencies,
): Stage<FeatureState, AudioInput, FeatureOutput> => {
  const analyserFor = createAnalysers(dependencies);

  const measureLate = (input: AudioInput): Outcome<FeatureOutput> =>
    input.body.kind === 'samples'
      ? emit(...hearAlone(input, input.body.samples, analyserFor(input.sampleRateHz, true)))
      : drop('late');

  const takeSilent = (state: FeatureState, sinceUs: number): Outcome<FeatureOutput> => {
    const { boot } = state;
    if (boot === null || !isHearing(boot) || positionUs(boot) > sinceUs + SILENT_TOLERANCE_US) return drop('silent');
    const out: FeatureOutput[] = [];
    silenceBoot(boot, analyserFor(boot.sampleRateHz), out);
    return emit(...out);
  };

  const takeInBoot = (boot: BootState, input: AudioInput): Outcome<FeatureOutput> => {
    const { sequence } = input;
    if (wasGivenUp(boot.ledger, sequence)) {
      boot.ledger = take(boot.ledger, sequence);
      return measureLate({ ...input, anchorTimeUs: boot.anchorTimeUs });
    }
    if (wasTaken(boot.ledger, sequence) || boot.pending.some((frame) => frame.sequence === sequence)) {
      return drop('duplicate');
    }
    const analyser = analyserFor(boot.sampleRateHz);
    const out: FeatureOutput[] = [];
    const cause = misfit(boot, input);
    if (cause !== null) {
      // Nobody waits for it; what is waiting is taken with the next frame.
      if (sequence === boot.ledger.next) boot.ledger = take(boot.ledger, sequence);
      return dlq('invalid', cause);
    }
    if (sequence === boot.ledger.next) takeFrame(boot, sequenced(input), analyser, out);
    else wait(boot, sequenced(input));
    takeDue(boot, analyser, out);
    while (waitsTooLong(config, boot)) giveUpHole(boot, analyser, out);
    return emit(...out);
  };

  const startNew = (state: FeatureState, input: AudioInput): readonly [FeatureState, Outcome<FeatureOutput>] => {
    const out: FeatureOutput[] = [];
    const { boot: old } = state;
    if (old !== null) silenceBoot(old, analyserFor(old.sampleRateHz), out);
    const closed = old === null ? [] : [{ bootId: old.bootId, ledger: old.ledger }];
    const analyser = analyserFor(input.sampleRateHz);
    const { sequence, firstSampleIndex } = input;
    // A door that refused a boot's first frame may have let in the second.
    const mayFollow = sequence > 0 && sequence <= config.reorderFrames && firstSampleIndex > 0;
    const boot = (mayFollow ? startBootBefore : startBoot)(input, analyser);
    if (mayFollow) {
      wait(boot, sequenced(input));
      while (waitsTooLong(config, boot)) giveUpHole(boot, analyser, out);
    } else takeFrame(boot, sequenced(input), analyser, out);
    return [{ boot, closedBoots: [...closed, ...state.closedBoots].slice(0, MOST_CLOSED_BOOTS) }, emit(...out)];
  };

  /** Of a boot that is not the current one. */
  const takeOther = (
    state: FeatureState,
    boot: BootState,
    input: AudioInput,
  ): readonly [FeatureState, Outcome<FeatureOutput>] => {
    const known = state.closedBoots.find(({ bootId }) => bootId === input.bootId);
    const lies = sampleTimeUs(input, input.firstSampleIndex);
    if (known === undefined && !(input.lane === 'backfill' && lies < positionUs(boot))) return startNew(state, input);
    const ledger = known?.ledger ?? startLedger(input.sequence);
    if (wasTaken(ledger, input.sequence)) return [state, drop('duplicate')];
    const entry = { bootId: input.bootId, ledger: take(ledger, input.sequence) };
    const others = state.closedBoots.filter(({ bootId }) => bootId !== input.bootId);
    return [{ ...state, closedBoots: [entry, ...others].slice(0, MOST_CLOSED_BOOTS) }, measureLate(input)];
  };

  const own = (boot: BootState | null): BootState | null =>
    boot === null ? null : copyBoot(boot, analyserFor(boot.sampleRateHz));

  return {
    init: () => ({ boot: null, closedBoots: [] }),
    step: (given, batch) => {
      let state: FeatureState = { ...given, boot: own(given.boot) };
      const outcomes = batch.map((input) => {
        if (input.body.kind === 'silent') return takeSilent(state, input.body.sinceUs);
        if (state.boot?.bootId === input.bootId) return takeInBoot(state.boot, input);
        const [next, outcome] = state.boot === null ? startNew(state, input) : takeOther(state, state.boot, input);
        state = next;
        return outcome;
      });
      return { state, outcomes };
    },
    flush: (given) => {
      const boot = own(given.boot);
      const out: FeatureOutput[] = [];
      if (boot !== null) emptyBoot(boot, analyserFor(boot.sampleRateHz), out);
      return out;
    },
  };
};
