import { defaultAnomalyConfig, detectInSignal, type AnomalyVerdict } from '@earshot/core/anomaly';
import {
  canonicalFrontEnd,
  classifySignal,
  clipResult,
  listenToSignal,
  type InstalledClassifier,
  type InstalledSequence,
  type LabelProbability,
  type ScoredWindow,
} from '@earshot/core/classification';
import { createDetectEvents, type DetectionRule, type SoundEvent } from '@earshot/core/detection';
import type { RealFft } from '@earshot/core/dsp';
import { analyseSignal, type SignalAnalysis } from '@earshot/core/features';
import { shiftDb, unweightedDb, type LevelDb } from '@earshot/core/levels';
import { runStage } from '@earshot/core/stage';
import { calibrated, findCalibrator, type FoundCalibration } from './find-calibrator.js';
import type { Signal } from './read-audio.js';

export interface Analyser {
  /** Tells windows and classes. */
  readonly classifier: InstalledClassifier;
  /** Tells steps, of which events are made by its rule. */
  readonly sequence: InstalledSequence;
  readonly rule: DetectionRule;
  /** Size 1024. */
  readonly fft: RealFft;
}

/** Times of windows and events: microseconds from the start of the recording. */
export interface Recording extends Signal {
  readonly analysis: SignalAnalysis;
  /** Of the whole recording, unfiltered, in the unit of the levels. */
  readonly unweighted: ReturnType<typeof unweightedDb>;
  /** Absent: not asked for. */
  readonly calibration?: FoundCalibration;
  readonly windows: readonly ScoredWindow[];
  /** Highest first. */
  readonly classes: readonly LabelProbability[];
  /** In the order of their onsets. */
  readonly events: readonly SoundEvent[];
  /** What the anomaly detector says of a sensor that hears nothing but this recording. */
  readonly anomalies: readonly AnomalyVerdict[];
}

/** What the stages make of a recording: levels and features, windows, events of its steps; the same core, offline. */
export const analyseRecording = async (
  { classifier, sequence, rule, fft }: Analyser,
  signal: Signal,
  { fullScaleDb, calibratorDb }: { readonly fullScaleDb?: number; readonly calibratorDb?: number },
): Promise<Recording> => {
  const measured = analyseSignal(signal.samples, signal.sampleRateHz, {
    fft,
    ...(fullScaleDb === undefined ? {} : { fullScaleDb }),
  });
  const calibration = calibratorDb === undefined ? undefined : findCalibrator(measured, calibratorDb);
  const foundDb = calibration?.fullScaleDb ?? null;
  const analysis = foundDb === null ? measured : calibrated(measured, foundDb);
  const unweighted = unweightedDb(signal.samples);
  const shift = (level: LevelDb): LevelDb => shiftDb(level, fullScaleDb ?? foundDb ?? 0);
  const laeqDb = analysis.levels.map((level) => level.laeqDb);
  const windows = await classifySignal(canonicalFrontEnd, classifier, analysis.logMel, laeqDb);
  const activity = await listenToSignal(canonicalFrontEnd, sequence, analysis.logMel, laeqDb);
  const detect = createDetectEvents({ ruleFor: () => rule, updateEveryS: Infinity, floorDb: null });
  const events = runStage(detect, '', activity)
    .filter(({ phase }) => phase === 'close')
    .sort((a, b) => a.onsetUs - b.onsetUs);
  const found = calibration === undefined ? {} : { calibration };
  const unfiltered = { leqDb: shift(unweighted.leqDb), leqWithoutDcDb: shift(unweighted.leqWithoutDcDb) };
  const anomalies = detectInSignal(defaultAnomalyConfig, analysis.logMel.frames, analysis.frameCounts);
  const heard = { windows, classes: clipResult(windows), events, anomalies };
  return { ...signal, ...found, analysis, unweighted: unfiltered, ...heard };
};
