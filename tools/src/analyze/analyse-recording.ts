import {
  canonicalFrontEnd,
  classifySignal,
  clipResult,
  type Classifier,
  type LabelProbability,
  type ScoredWindow,
} from '@earshot/core/classification';
import { createDetectEvents, type SoundEvent } from '@earshot/core/detection';
import type { RealFft } from '@earshot/core/dsp';
import { analyseSignal, type SignalAnalysis } from '@earshot/core/features';
import { shiftDb, unweightedDb, type LevelDb } from '@earshot/core/levels';
import { runStage } from '@earshot/core/stage';
import type { ModelManifest } from '@earshot/platform/onnx';
import { calibrated, findCalibrator, type FoundCalibration } from './find-calibrator.js';
import type { Signal } from './read-audio.js';

export interface Analyser {
  readonly manifest: ModelManifest;
  readonly classifier: Classifier;
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
}

/** What the stages make of a recording: levels and features, window probabilities, events; the same core, offline. */
export const analyseRecording = async (
  { manifest, classifier, fft }: Analyser,
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
  const { labels, window, id, version } = manifest;
  const config = { frontEnd: canonicalFrontEnd, window, labels, modelId: id, modelVersion: version };
  const laeqDb = analysis.levels.map((level) => level.laeqDb);
  const windows = await classifySignal(config, classifier, analysis.logMel, laeqDb);
  const detect = createDetectEvents({ ruleFor: () => manifest.detection, updateEveryS: Infinity, floorDb: null });
  const events = runStage(detect, '', windows)
    .filter(({ phase }) => phase === 'close')
    .sort((a, b) => a.onsetUs - b.onsetUs);
  const found = calibration === undefined ? {} : { calibration };
  const unfiltered = { leqDb: shift(unweighted.leqDb), leqWithoutDcDb: shift(unweighted.leqWithoutDcDb) };
  return { ...signal, ...found, analysis, unweighted: unfiltered, windows, classes: clipResult(windows), events };
};
