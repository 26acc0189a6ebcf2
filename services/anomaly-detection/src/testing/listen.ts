import type { HeardSecond } from '@earshot/core/anomaly';
import { createLogMelFrontEnd, FRONT_END } from '@earshot/core/dsp';
import { createRealFft } from '@earshot/platform/fft';

export const RATE_HZ = FRONT_END.sampleRateHz;
export const START_US = 1_780_000_000e6;

/** Samples of one second, given its index; 16 kHz. */
export type Source = (second: number, out: Float32Array) => void;

/** The canonical front end over a source, second by second, as feature-extraction gives it. */
export const listen = async (
  source: Source,
  durationS: number,
  changes: Partial<HeardSecond> = {},
): Promise<readonly HeardSecond[]> => {
  const frontEnd = createLogMelFrontEnd(await createRealFft(FRONT_END.fftSize));
  const state = frontEnd.rest();
  const samples = new Float32Array(RATE_HZ);
  const codes = new Uint8Array(60 * FRONT_END.melBands);
  let frames = 0;
  return Array.from({ length: durationS }, (_, second): HeardSecond => {
    source(second, samples);
    const frameCount = frontEnd.push(state, samples, 0, samples.length, codes, 0);
    const timeUs = START_US + Math.round((frames * FRONT_END.hopLength * 1e6) / RATE_HZ);
    frames += frameCount;
    return {
      tenantId: 'demo',
      sensorId: 'gate-1',
      bootId: 'b1',
      timeUs,
      frameCount,
      logMel: codes.slice(0, frameCount * FRONT_END.melBands),
      discontinuity: false,
      receivedTimeUs: timeUs + 1e6,
      ...changes,
    };
  });
};

// Global look-ups are slow inside jest's contexts.
const { floor, imul, max, round, sin } = Math;

/** mulberry32: a reproducible source of numbers in [0, 1). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Noise whose spectrum falls (`tilt` 0: white, towards 1: brown), RMS about `rms`. */
export const noise = (seed: number, rms: number, tilt = 0): Source => {
  const random = randomFrom(seed);
  let last = 0;
  const gain = rms * Math.sqrt(12 * (1 - tilt * tilt));
  return (_second, out) => {
    for (let index = 0; index < out.length; index += 1) {
      last = tilt * last + (random() - 0.5);
      out[index] = gain * last;
    }
  };
};

export const tone = (frequencyHz: number, amplitude: number): Source => {
  const step = (2 * Math.PI * frequencyHz) / RATE_HZ;
  return (second, out) => {
    for (let index = 0; index < out.length; index += 1) {
      out[index] = amplitude * sin(step * (second * out.length + index));
    }
  };
};

/** `added` on top of `base` in the seconds that `when` says. */
export const mix = (base: Source, added: Source, when: (second: number) => boolean): Source => {
  const layer = new Float32Array(RATE_HZ);
  return (second, out) => {
    base(second, out);
    if (!when(second)) return;
    added(second, layer);
    for (let index = 0; index < out.length; index += 1) out[index] = (out[index] ?? 0) + (layer[index] ?? 0);
  };
};

/**
 * Log-mel seconds of stationary noise made straight in the mel domain, for long spans: the dB of each band is that of the
 * mean of `bins` exponentially distributed powers (periodogram bins), the same for three frames (windows overlap by 69 %);
 * `offsetDb` is added to a band in a second.
 */
export function* melNoise(
  seed: number,
  durationS: number,
  offsetDb: (second: number, band: number) => number = () => 0,
): Generator<HeardSecond> {
  const random = randomFrom(seed);
  const bands = FRONT_END.melBands;
  const tables = [2, 3, 5, 8, 12].map((bins) => {
    const table = new Float32Array(4096);
    for (let index = 0; index < table.length; index += 1) {
      let product = 1;
      for (let bin = 0; bin < bins; bin += 1) product *= 1 - random();
      table[index] = 20 * Math.log10(-Math.log(product) / bins);
    }
    return table;
  });
  for (let second = 0; second < durationS; second += 1) {
    const logMel = new Uint8Array(50 * bands);
    const base = Array.from({ length: bands }, (_, band) => 120 - 0.5 * band + 2 * offsetDb(second, band));
    for (let frame = 0; frame < 50; frame += 1) {
      if (frame % 3 !== 0) {
        logMel.copyWithin(frame * bands, (frame - 1) * bands, frame * bands);
        continue;
      }
      for (let band = 0; band < bands; band += 1) {
        const noiseSteps = tables[floor(band / 13)]?.[floor(random() * 4096)] ?? 0;
        logMel[frame * bands + band] = max(0, round((base[band] ?? 0) + noiseSteps));
      }
    }
    const timeUs = START_US + second * 1e6;
    yield {
      tenantId: 'demo',
      sensorId: 'gate-1',
      bootId: 'b1',
      timeUs,
      frameCount: 50,
      logMel,
      discontinuity: false,
      receivedTimeUs: timeUs + 1e6,
    };
  }
}
