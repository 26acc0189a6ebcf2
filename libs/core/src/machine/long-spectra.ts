import { createResampler, quantiseDb, type RealFft, type ResamplerState } from '../dsp/index.js';

/** Rate of what the long spectra are made of. */
const RATE_HZ = 2048;
/** Samples of one spectrum: 4 s. */
export const LONG_WINDOW = 8192;
/** A new spectrum each second: windows overlap by three quarters. */
const HOP = 2048;
export const LONG_BIN_HZ = RATE_HZ / LONG_WINDOW;
/** Bins that are told: up to 800 Hz. The resampler is flat to 935 Hz. */
export const LONG_BINS = 3200;
const ENVELOPE_FROM_HZ = 2000;
const LEAST_MEAN = 1e-20;

/** Plain value; methods of the analyser change it in place. */
export interface LongState {
  low: ResamplerState;
  envelope: ResamplerState;
  /** Of the two high-pass sections: two values each. */
  readonly highPass: Float64Array;
  /** Last samples at 2048 Hz, up to a window. */
  readonly lowTail: Float32Array;
  readonly envelopeTail: Float32Array;
  tailCount: number;
  /** Of the last whole window; null: none since `take`. */
  ready: LongSpectra | null;
}

/** LONG_BINS codes each: dB = -100 + 0.5 x code. */
export interface LongSpectra {
  readonly spectrum: Uint8Array;
  readonly envelope: Uint8Array;
}

export interface LongAnalyser {
  /** After a discontinuity. */
  rest(): LongState;
  copy(state: LongState): LongState;
  /** 16 kHz samples of the run under way. Samples may be cut into calls in any way. */
  push(state: LongState, samples: Float32Array): void;
  /** Spectra of the newest whole window, once; null: none is new. */
  take(state: LongState): LongSpectra | null;
}

interface Section {
  readonly b: number;
  readonly a1: number;
  readonly a2: number;
}

/** Fourth-order Butterworth high-pass as two sections b (1 - z⁻¹)² / (1 + a1 z⁻¹ + a2 z⁻²); bilinear. */
const highPassSections = (cutoffHz: number, rateHz: number): readonly Section[] => {
  const warped = Math.tan((Math.PI * cutoffHz) / rateHz);
  return [Math.PI / 8, (3 * Math.PI) / 8].map((angle) => {
    const damping = 2 * Math.cos(angle);
    const norm = 1 + damping * warped + warped * warped;
    return { b: 1 / norm, a1: (2 * (warped * warped - 1)) / norm, a2: (1 - damping * warped + warped * warped) / norm };
  });
};

/**
 * Two long spectra of a 16 kHz stream: of the sound itself below 800 Hz, for orders of a shaft; and of its envelope (high-pass 2 kHz, squared, low-pass,
 * relative to its mean), for the rates at which a damaged bearing is struck. `fft` has to have size 8192.
 */
export const createLongAnalyser = (fft: RealFft): LongAnalyser => {
  if (fft.size !== LONG_WINDOW) throw new Error(`long spectra need an FFT of ${LONG_WINDOW}, got ${fft.size}`);
  const lowPath = createResampler(16_000, RATE_HZ);
  const envelopePath = createResampler(16_000, RATE_HZ);
  const sections = highPassSections(ENVELOPE_FROM_HZ, 16_000);
  const hann = Float32Array.from(
    { length: LONG_WINDOW },
    (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / LONG_WINDOW),
  );
  const windowed = new Float32Array(LONG_WINDOW);
  const power = new Float32Array(LONG_WINDOW / 2 + 1);
  /** A sine of amplitude 1 has 0 dB: its bin has (N/4)² with a Hann window. */
  const full = (LONG_WINDOW / 4) ** 2;

  const codesOf = (samples: Float32Array, mean: number, unit: number): Uint8Array => {
    for (let n = 0; n < LONG_WINDOW; n++) windowed[n] = (((samples[n] as number) - mean) / unit) * (hann[n] as number);
    fft.powerSpectrum(windowed, power);
    return Uint8Array.from(power.subarray(0, LONG_BINS), (bin) => quantiseDb(10 * Math.log10(bin / full + 1e-12)));
  };

  const spectra = (state: LongState): LongSpectra => {
    let sum = 0;
    for (const value of state.envelopeTail) sum += value;
    const mean = sum / LONG_WINDOW;
    return {
      spectrum: codesOf(state.lowTail, 0, 1),
      envelope: mean > LEAST_MEAN ? codesOf(state.envelopeTail, mean, mean) : new Uint8Array(LONG_BINS),
    };
  };

  const squaredHigh = (state: LongState, samples: Float32Array): Float32Array => {
    const { highPass: memory } = state;
    return samples.map((sample) => {
      let value = sample;
      for (let at = 0; at < sections.length; at++) {
        const { b, a1, a2 } = sections[at] as Section;
        // Transposed direct form II.
        const out = b * value + (memory[2 * at] as number);
        memory[2 * at] = -2 * b * value - a1 * out + (memory[2 * at + 1] as number);
        memory[2 * at + 1] = b * value - a2 * out;
        value = out;
      }
      return value * value;
    });
  };

  const keep = (state: LongState, low: Float32Array, envelope: Float32Array): void => {
    // Both paths have the same filter and the same number of samples: what one gives, the other gives too.
    for (let n = 0; n < low.length; n++) {
      if (state.tailCount === LONG_WINDOW) {
        state.lowTail.copyWithin(0, HOP);
        state.envelopeTail.copyWithin(0, HOP);
        state.tailCount -= HOP;
      }
      state.lowTail[state.tailCount] = low[n] as number;
      state.envelopeTail[state.tailCount] = envelope[n] as number;
      state.tailCount++;
      if (state.tailCount === LONG_WINDOW) state.ready = spectra(state);
    }
  };

  return {
    rest: () => ({
      low: lowPath.rest(),
      envelope: envelopePath.rest(),
      highPass: new Float64Array(2 * sections.length),
      lowTail: new Float32Array(LONG_WINDOW),
      envelopeTail: new Float32Array(LONG_WINDOW),
      tailCount: 0,
      ready: null,
    }),
    copy: (state) => ({
      ...state,
      low: lowPath.copy(state.low),
      envelope: envelopePath.copy(state.envelope),
      highPass: state.highPass.slice(),
      lowTail: state.lowTail.slice(),
      envelopeTail: state.envelopeTail.slice(),
    }),
    push: (state, samples) => {
      const squared = squaredHigh(state, samples);
      const low = lowPath.push(state.low, samples, 0, samples.length);
      keep(state, low, envelopePath.push(state.envelope, squared, 0, squared.length));
    },
    take: (state) => {
      const { ready } = state;
      state.ready = null;
      return ready;
    },
  };
};
