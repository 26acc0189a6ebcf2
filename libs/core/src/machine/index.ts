export {
  createLongAnalyser,
  LONG_BIN_HZ,
  LONG_BINS,
  LONG_WINDOW,
  type LongSpectra,
  type LongState,
} from './long-spectra.js';
export { findLines, prominences } from './order-lines.js';
export { lineNames, type LineName, type MachineLine, type MachineSettings, type MachineSpectrum } from './types.js';
