/** Slaney's mel scale: linear below 1 kHz, logarithmic above (Auditory Toolbox; librosa `htk=False`). */
const LINEAR_HZ_PER_MEL = 200 / 3;
const LOG_FROM_HZ = 1000;
const LOG_FROM_MEL = LOG_FROM_HZ / LINEAR_HZ_PER_MEL;
const LOG_STEP = Math.log(6.4) / 27;

export const hzToMel = (hz: number): number =>
  hz < LOG_FROM_HZ ? hz / LINEAR_HZ_PER_MEL : LOG_FROM_MEL + Math.log(hz / LOG_FROM_HZ) / LOG_STEP;

export const melToHz = (mel: number): number =>
  mel < LOG_FROM_MEL ? mel * LINEAR_HZ_PER_MEL : LOG_FROM_HZ * Math.exp(LOG_STEP * (mel - LOG_FROM_MEL));

export interface MelFilterBankOptions {
  readonly sampleRateHz: number;
  readonly fftSize: number;
  readonly bands: number;
  readonly minHz: number;
  readonly maxHz: number;
}

/** Triangular filters over power-spectrum bins, each of area 2 / width (librosa `norm='slaney'`); only non-zero weights. */
export interface MelFilterBank {
  readonly bands: number;
  /** First bin of each band. */
  readonly firstBin: Int32Array;
  /** Where each band's weights begin in `weights`; one more entry than bands. */
  readonly firstWeight: Int32Array;
  readonly weights: Float64Array;
}

/** Equal to `librosa.filters.mel(sr, n_fft, n_mels, fmin, fmax, htk=False, norm='slaney')`. */
export const createMelFilterBank = (options: MelFilterBankOptions): MelFilterBank => {
  const { sampleRateHz, fftSize, bands, minHz, maxHz } = options;
  const [from, to] = [hzToMel(minHz), hzToMel(maxHz)];
  const edgeHz = (i: number): number => melToHz(from + ((to - from) * i) / (bands + 1));
  const bins = fftSize / 2 + 1;
  const firstBin = new Int32Array(bands);
  const firstWeight = new Int32Array(bands + 1);
  const weights: number[] = [];
  for (let band = 0; band < bands; band++) {
    const [lower, centre, upper] = [edgeHz(band), edgeHz(band + 1), edgeHz(band + 2)];
    let first = -1;
    for (let bin = 0; bin < bins; bin++) {
      const hz = (bin * sampleRateHz) / fftSize;
      const weight = Math.min((hz - lower) / (centre - lower), (upper - hz) / (upper - centre));
      if (weight <= 0) continue;
      if (first < 0) first = bin;
      weights.push((weight * 2) / (upper - lower));
    }
    firstBin[band] = Math.max(first, 0);
    firstWeight[band + 1] = weights.length;
  }
  return { bands, firstBin, firstWeight, weights: Float64Array.from(weights) };
};
