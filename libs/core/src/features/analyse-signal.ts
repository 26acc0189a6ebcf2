import type { RealFft } from '../dsp/index.js';
import type { Samples, SignalAnalysis } from './types.js';

export interface AnalyseOptions {
  /** Size 1024. */
  readonly fft: RealFft;
  /** dB SPL of full-scale RMS; absent: levels re full-scale RMS. */
  readonly fullScaleDb?: number;
}

/** Levels and log-mel of a finite signal (`analyze`, Classify): the same code as the stage, over the signal in one go. */
export const analyseSignal = (_samples: Samples, _sampleRateHz: number, _options: AnalyseOptions): SignalAnalysis => {
  throw new Error('analyseSignal: not built yet');
};
