export type { RealFft } from './real-fft.js';
export {
  createMelFilterBank,
  hzToMel,
  melToHz,
  type MelFilterBank,
  type MelFilterBankOptions,
} from './mel-filter-bank.js';
export { dequantise, dequantiseCode, QUANTISED_FLOOR_DB, QUANTISED_STEP_DB, quantiseDb } from './quantise.js';
export { createLogMelFrontEnd, FRONT_END, logMelFrameCount, type LogMelFrontEnd, type LogMelState } from './log-mel.js';
export { createResampler, type Resampler, type ResamplerState } from './resampler.js';
