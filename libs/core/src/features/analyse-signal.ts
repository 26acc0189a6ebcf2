import { FRONT_END, type RealFft } from '../dsp/index.js';
import { shiftLevels, summariseLevels } from '../levels/index.js';
import { type ClosedSecond, createSecondAnalyser } from './second-analyser.js';
import type { AnalysedSecond, Samples, SignalAnalysis } from './types.js';

export interface AnalyseOptions {
  /** Size 1024. */
  readonly fft: RealFft;
  /** dB SPL of full-scale RMS; absent: levels re full-scale RMS. */
  readonly fullScaleDb?: number;
}

/**
 * Levels and log-mel of a finite signal (`analyze`, Classify): the same code as the stage, over the signal in one go.
 * The last second may be shorter. Mel frames: all whole windows of the signal resampled to ceil(n · 16,000 / rate) samples.
 */
export const analyseSignal = (samples: Samples, sampleRateHz: number, options: AnalyseOptions): SignalAnalysis => {
  const analyser = createSecondAnalyser(sampleRateHz, options.fft);
  const state = analyser.rest();
  const seconds: ClosedSecond[] = [];
  const close = (): void => {
    const second = analyser.close(state);
    if (second !== null) seconds.push(second);
  };
  for (let from = 0; from < samples.length; from += sampleRateHz) {
    const to = Math.min(from + sampleRateHz, samples.length);
    analyser.push(state, samples, from, to, from);
    if (to === samples.length) analyser.finishMel(state, samples.length);
    close();
  }

  const codes = seconds.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === 'frames' ? [part.codes] : [])));
  const frames = new Uint8Array(codes.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of codes) {
    frames.set(part, at);
    at += part.length;
  }
  const levels = seconds.map(({ secondIndex, sampleCount, levels: measured }): AnalysedSecond => {
    return {
      t: secondIndex,
      durationS: sampleCount / sampleRateHz,
      ...shiftLevels(measured, options.fullScaleDb ?? 0),
    };
  });
  return {
    levels,
    summary: summariseLevels(
      levels,
      levels.map(({ durationS }) => durationS * 1000),
    ),
    logMel: { frames, frameCount: frames.length / FRONT_END.melBands },
    frameCounts: seconds.map(({ parts }) =>
      parts.reduce((count, part) => count + (part.kind === 'frames' ? part.frameCount : 0), 0),
    ),
  };
};
