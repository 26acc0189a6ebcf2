import {
  createDetectCalibrator,
  defaultCalibratorConfig,
  fullScaleOf,
  shiftLevels,
  summariseLevels,
  type CalibratorTone,
} from '@earshot/core/levels';
import type { SignalAnalysis } from '@earshot/core/features';

/** What `--calibrator` found. */
export interface FoundCalibration {
  /** Nominal, dB SPL. */
  readonly calibratorDb: number;
  /** Null: no steady, pure 1 kHz tone. */
  readonly tone: CalibratorTone | null;
  /** dB SPL of full-scale RMS. */
  readonly fullScaleDb: number | null;
  /** The whole recording is shorter than the 5 s that a live sensor asks for. */
  readonly short: boolean;
}

/** A recording shorter than 5 s counts when the tone fills it, from this many whole seconds on. */
const LEAST_SHORT_S = 2;

/** The longest calibrator tone in levels re full-scale RMS. */
export const findCalibrator = (analysis: SignalAnalysis, calibratorDb: number): FoundCalibration => {
  const whole = analysis.levels.filter(({ durationS }) => durationS === 1).length;
  const short = whole < defaultCalibratorConfig.leastS;
  const leastS = short ? Math.max(LEAST_SHORT_S, whole) : defaultCalibratorConfig.leastS;
  const detector = createDetectCalibrator({ ...defaultCalibratorConfig, leastS });
  let state = detector.init();
  let longest: CalibratorTone | null = null;
  for (const second of analysis.levels) {
    const after = detector.step(state, { ...second, timeUs: second.t * 1e6, durationMs: second.durationS * 1000 });
    state = after.state;
    if (after.tone !== null && after.tone.durationS > (longest?.durationS ?? 0)) longest = after.tone;
  }
  const fullScaleDb = longest === null ? null : fullScaleOf(calibratorDb, longest.levelDb);
  return { calibratorDb, tone: longest, fullScaleDb, short };
};

/** The same analysis with all levels in dB SPL. */
export const calibrated = (analysis: SignalAnalysis, fullScaleDb: number): SignalAnalysis => {
  const levels = analysis.levels.map((second) => ({ ...second, ...shiftLevels(second, fullScaleDb) }));
  const durationsMs = levels.map(({ durationS }) => durationS * 1000);
  return { ...analysis, levels, summary: summariseLevels(levels, durationsMs) };
};
