import { FRONT_END, QUANTISED_FLOOR_DB, QUANTISED_STEP_DB } from '../dsp/index.js';

/** Parameters of a log-mel front end, as they stand in a model's manifest. */
export interface FrontEnd {
  readonly id: string;
  readonly sampleRateHz: number;
  readonly fftLength: number;
  readonly windowLength: number;
  readonly hopLength: number;
  readonly melBands: number;
  readonly fMinHz: number;
  readonly fMaxHz: number;
  readonly melScale: string;
  readonly melNorm: string;
  /** dB = floorDb + stepDb x code, code 0..255. */
  readonly floorDb: number;
  readonly stepDb: number;
}

/** The canonical front end: what feature-extraction makes and models are fed. */
export const canonicalFrontEnd: FrontEnd = {
  id: FRONT_END.id,
  sampleRateHz: FRONT_END.sampleRateHz,
  fftLength: FRONT_END.fftSize,
  windowLength: FRONT_END.fftSize,
  hopLength: FRONT_END.hopLength,
  melBands: FRONT_END.melBands,
  fMinHz: FRONT_END.minHz,
  fMaxHz: FRONT_END.maxHz,
  melScale: 'slaney',
  melNorm: 'slaney',
  floorDb: QUANTISED_FLOOR_DB,
  stepDb: QUANTISED_STEP_DB,
};

/** Distance between the first samples of neighbouring mel frames, microseconds. */
export const frameHopUs = (frontEnd: FrontEnd): number => (frontEnd.hopLength / frontEnd.sampleRateHz) * 1e6;

/** Time that the samples of `frames` mel frames span, ms (100 frames of the canonical front end: 2,044). */
export const windowSpanMs = (frontEnd: FrontEnd, frames: number): number =>
  Math.round((((frames - 1) * frontEnd.hopLength + frontEnd.windowLength) / frontEnd.sampleRateHz) * 1e3);

/** Time between the first samples of windows `frames` mel frames apart, ms. */
export const hopSpanMs = (frontEnd: FrontEnd, frames: number): number =>
  Math.round((frames * frameHopUs(frontEnd)) / 1e3);
