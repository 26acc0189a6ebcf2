import { THIRD_OCTAVE_1_KHZ } from './third-octave.js';
import type { SecondLevels } from './types.js';

export interface CalibratorConfig {
  /** Shortest tone that counts, whole seconds. */
  readonly leastS: number;
  /** The seconds of the tone lie within so many dB of each other, and so do the 125 ms of each. */
  readonly mostSpreadDb: number;
  /** What is not in the 1 kHz band, A-weighted, lies at least so many dB below the tone. */
  readonly leastPurityDb: number;
}

export const defaultCalibratorConfig: CalibratorConfig = { leastS: 5, mostSpreadDb: 0.1, leastPurityDb: 20 };

/** One second as the detector hears it. Levels re anything that stays the same. */
export interface CalibratorSecond extends Pick<
  SecondLevels,
  'laeqDb' | 'lzeqDb' | 'thirdOctaveDb' | 'laeq125msDb' | 'flags'
> {
  readonly timeUs: number;
  readonly durationMs: number;
}

/** A steady, pure tone of 1 kHz. */
export interface CalibratorTone {
  readonly onsetUs: number;
  readonly durationS: number;
  /** Energy mean of LAeq over the tone; at 1 kHz A, C and Z weighting agree. */
  readonly levelDb: number;
  readonly spreadDb: number;
  /** How far everything else lies below the tone, A-weighted, dB; at most 60. */
  readonly purityDb: number;
}

/** The run of seconds that may become a tone; plain value. */
export interface CalibratorState {
  readonly run:
    | (Omit<CalibratorTone, 'levelDb' | 'spreadDb'> & {
        readonly energy: number;
        readonly leastDb: number;
        readonly mostDb: number;
      })
    | null;
}

const MAX_PURITY_DB = 60;
/** Wind and handling below the A curve may be louder than the rest, but not than the tone: LZeq - level, dB. */
const MOST_LOW_DB = 0.5;
const FOLLOWS_US = 0.1e6;

const purityOf = (totalDb: number, bandDb: number): number => {
  const rest = 1 - 10 ** ((bandDb - totalDb) / 10);
  return rest <= 10 ** (-MAX_PURITY_DB / 10) ? MAX_PURITY_DB : -10 * Math.log10(rest);
};

interface ToneSecond {
  readonly levelDb: number;
  readonly purityDb: number;
}

const toneOf = (config: CalibratorConfig, second: CalibratorSecond): ToneSecond | null => {
  const { laeqDb, lzeqDb, flags, durationMs } = second;
  const bandDb = second.thirdOctaveDb[THIRD_OCTAVE_1_KHZ] ?? null;
  if (laeqDb === null || lzeqDb === null || bandDb === null || durationMs < 1000 || flags.includes('overload'))
    return null;
  const slots = second.laeq125msDb.filter((level) => level !== null);
  const spreadDb = Math.max(...slots) - Math.min(...slots);
  const purityDb = purityOf(laeqDb, bandDb);
  const isTone =
    slots.length === 8 &&
    spreadDb <= config.mostSpreadDb &&
    purityDb >= config.leastPurityDb &&
    lzeqDb - laeqDb <= MOST_LOW_DB &&
    // A tone beside 1 kHz is in the band, but A weighting moves it.
    Math.abs(laeqDb - bandDb) <= 0.1;
  return isTone ? { levelDb: laeqDb, purityDb } : null;
};

/**
 * Listens for an acoustic calibrator: 1 kHz, steady and pure, for `leastS` or longer. `step` gives the tone when it has lasted
 * that long, and again, longer, with every further second of it. Seconds come in order; a gap ends the run.
 */
export const createDetectCalibrator = (config: CalibratorConfig = defaultCalibratorConfig) => ({
  init: (): CalibratorState => ({ run: null }),
  step: (
    { run }: CalibratorState,
    second: CalibratorSecond,
  ): { readonly state: CalibratorState; readonly tone: CalibratorTone | null } => {
    const heard = toneOf(config, second);
    if (heard === null) return { state: { run: null }, tone: null };
    const { levelDb, purityDb } = heard;
    const follows =
      run !== null &&
      Math.abs(second.timeUs - run.onsetUs - run.durationS * 1e6) <= FOLLOWS_US &&
      Math.max(run.mostDb, levelDb) - Math.min(run.leastDb, levelDb) <= config.mostSpreadDb;
    const next = {
      onsetUs: follows ? run.onsetUs : second.timeUs,
      durationS: (follows ? run.durationS : 0) + 1,
      purityDb: follows ? Math.min(run.purityDb, purityDb) : purityDb,
      energy: (follows ? run.energy : 0) + 10 ** (levelDb / 10),
      leastDb: follows ? Math.min(run.leastDb, levelDb) : levelDb,
      mostDb: follows ? Math.max(run.mostDb, levelDb) : levelDb,
    };
    if (next.durationS < config.leastS) return { state: { run: next }, tone: null };
    const tone: CalibratorTone = {
      onsetUs: next.onsetUs,
      durationS: next.durationS,
      levelDb: 10 * Math.log10(next.energy / next.durationS),
      spreadDb: next.mostDb - next.leastDb,
      purityDb: next.purityDb,
    };
    return { state: { run: next }, tone };
  },
});

/** dB SPL of full-scale RMS, from a calibrator's nominal level (94 or 114 dB SPL) and what it reads re full scale. */
export const fullScaleOf = (nominalDb: number, levelReFullScaleDb: number): number => nominalDb - levelReFullScaleDb;
