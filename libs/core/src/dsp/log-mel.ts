import { applyMelFilterBank, createMelFilterBank } from './mel-filter-bank.js';
import { quantiseDb } from './quantise.js';
import type { RealFft } from './real-fft.js';

/** The canonical front end; its id travels with every frame and stands in every model's manifest. */
export const FRONT_END = {
  id: 'logmel-16k-64-v1',
  sampleRateHz: 16_000,
  fftSize: 1024,
  hopLength: 320,
  melBands: 64,
  minHz: 50,
  maxHz: 8000,
} as const;

const { fftSize, hopLength, melBands } = FRONT_END;

/** Power below this counts as this: -100 dB (librosa `amin`). */
const LEAST_POWER = 1e-10;

/** Number of frames in `sampleCount` samples since a discontinuity: no centring, whole windows only. */
export const logMelFrameCount = (sampleCount: number): number =>
  sampleCount < fftSize ? 0 : 1 + Math.floor((sampleCount - fftSize) / hopLength);

/** Plain value: the samples since the discontinuity that later frames still need. `push` changes it in place. */
export interface LogMelState {
  /** Samples not yet left behind, from index 0: fewer than fftSize of them count. */
  readonly tail: Float32Array;
  tailCount: number;
}

export interface LogMelFrontEnd {
  /** State after a discontinuity. */
  rest(): LogMelState;
  copy(state: LogMelState): LogMelState;
  /**
   * 16 kHz samples [from, to) -> the codes of the frames whose windows they complete, appended to `codes` at frame `at`.
   * Returns the number of frames; `codes` must have room (`logMelFrameCount`).
   */
  push(state: LogMelState, samples: Float32Array, from: number, to: number, codes: Uint8Array, at: number): number;
  /** Frames of a whole signal in dB, not quantised: frames x 64. */
  logMelDb(samples: Float32Array): Float32Array;
}

/** periodic Hann window, as `scipy.signal.get_window('hann', size)`. */
const periodicHann = (size: number): Float32Array =>
  Float32Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size));

/** `fft` has to have size 1024. The front end keeps scratch buffers of its own; it holds no state of a stream. */
export const createLogMelFrontEnd = (fft: RealFft): LogMelFrontEnd => {
  if (fft.size !== fftSize) throw new Error(`the front end needs an FFT of ${fftSize}, got ${fft.size}`);
  const bank = createMelFilterBank({ ...FRONT_END, bands: melBands });
  const window = periodicHann(fftSize);
  const windowed = new Float32Array(fftSize);
  const power = new Float32Array(fftSize / 2 + 1);
  const mel = new Float64Array(melBands);
  // A tail (less than a window) followed by what is new, so that every window lies in one piece.
  let line = new Float32Array(4 * fftSize);

  const frameAt = (samples: Float32Array, start: number): void => {
    for (let i = 0; i < fftSize; i++) windowed[i] = (samples[start + i] as number) * (window[i] as number);
    fft.powerSpectrum(windowed, power);
    applyMelFilterBank(bank, power, mel, 0);
    for (let band = 0; band < melBands; band++) {
      mel[band] = 10 * Math.log10(Math.max(mel[band] as number, LEAST_POWER));
    }
  };

  return {
    rest: () => ({ tail: new Float32Array(fftSize), tailCount: 0 }),
    copy: ({ tail, tailCount }) => ({ tail: tail.slice(), tailCount }),
    push: (state, samples, from, to, codes, at) => {
      const total = state.tailCount + to - from;
      if (line.length < total) line = new Float32Array(total);
      line.set(state.tail.subarray(0, state.tailCount));
      line.set(samples.subarray(from, to), state.tailCount);
      let start = 0;
      let frames = 0;
      for (; start + fftSize <= total; start += hopLength, frames++) {
        frameAt(line, start);
        const out = (at + frames) * melBands;
        for (let band = 0; band < melBands; band++) codes[out + band] = quantiseDb(mel[band] as number);
      }
      state.tail.set(line.subarray(start, total));
      state.tailCount = total - start;
      return frames;
    },
    logMelDb: (samples) => {
      const frames = logMelFrameCount(samples.length);
      const db = new Float32Array(frames * melBands);
      for (let frame = 0; frame < frames; frame++) {
        frameAt(samples, frame * hopLength);
        db.set(mel, frame * melBands);
      }
      return db;
    },
  };
};
