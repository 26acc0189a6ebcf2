import { createMelFilterBank } from './mel-filter-bank.js';
import { createMelKernel } from './mel-kernel.js';
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

/** Samples that are worked on at a time, those from before included. */
const LINE_ROOM = fftSize + 16_384;

/** `fft` has to have size 1024. The front end keeps scratch buffers of its own; it holds no state of a stream. */
export const createLogMelFrontEnd = (fft: RealFft): LogMelFrontEnd => {
  if (fft.size !== fftSize) throw new Error(`the front end needs an FFT of ${fftSize}, got ${fft.size}`);
  const bank = createMelFilterBank({ ...FRONT_END, bands: melBands });
  const kernel = createMelKernel(periodicHann(fftSize), bank, LINE_ROOM);
  const { line, energies } = kernel;

  /** Of the window that begins at `start` of the line. */
  const energiesAt = (start: number): void => {
    kernel.window(start);
    fft.transform(kernel.windowed, kernel.spectrum);
    kernel.mel();
  };

  /** A tail (less than a window) followed by what is new, so that every window lies in one piece. */
  const pushPiece = (state: LogMelState, piece: Float32Array, codes: Uint8Array, at: number): number => {
    const total = state.tailCount + piece.length;
    line.set(state.tail.subarray(0, state.tailCount));
    line.set(piece, state.tailCount);
    let start = 0;
    let frames = 0;
    for (; start + fftSize <= total; start += hopLength, frames++) {
      energiesAt(start);
      kernel.quantise();
      codes.set(kernel.codes, (at + frames) * melBands);
    }
    state.tail.set(line.subarray(start, total));
    state.tailCount = total - start;
    return frames;
  };

  return {
    rest: () => ({ tail: new Float32Array(fftSize), tailCount: 0 }),
    copy: ({ tail, tailCount }) => ({ tail: tail.slice(), tailCount }),
    push: (state, samples, from, to, codes, at) => {
      let frames = 0;
      for (let begin = from; begin < to; begin += LINE_ROOM - fftSize) {
        const end = Math.min(to, begin + LINE_ROOM - fftSize);
        frames += pushPiece(state, samples.subarray(begin, end), codes, at + frames);
      }
      return frames;
    },
    logMelDb: (samples) => {
      const frames = logMelFrameCount(samples.length);
      const db = new Float32Array(frames * melBands);
      for (let frame = 0; frame < frames; frame++) {
        line.set(samples.subarray(frame * hopLength, frame * hopLength + fftSize));
        energiesAt(0);
        for (let band = 0; band < melBands; band++) {
          db[frame * melBands + band] = 10 * Math.log10(Math.max(energies[band] as number, LEAST_POWER));
        }
      }
      return db;
    },
  };
};
