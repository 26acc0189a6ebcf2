/** Mixing of events into backgrounds, after models/earshot_models/mixtures.py: the same trim and the same SNR. */

const BLOCK_S = 0.02;
const ACTIVE_RANGE_DB = 40;
const FADE_S = 0.01;
const HIGH_PASS_HZ = 50;

/** First-order high-pass at 50 Hz (Butterworth, bilinear), from rest. */
export const highPassed = (samples: Float32Array, rateHz: number): Float32Array => {
  const warped = Math.tan((Math.PI * HIGH_PASS_HZ) / rateHz);
  const b = 1 / (1 + warped);
  const a = (warped - 1) / (1 + warped);
  let [before, out] = [0, 0];
  return samples.map((sample) => {
    out = b * (sample - before) - a * out;
    before = sample;
    return out;
  });
};

const meanSquare = (samples: Float32Array): number =>
  samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);

/** The part from the first to the last 20 ms block within 40 dB of the loudest; empty when there is no sound at all. */
export const trimmed = (samples: Float32Array, rateHz: number): Float32Array => {
  const block = Math.round(BLOCK_S * rateHz);
  const powers = Array.from({ length: Math.floor(samples.length / block) }, (_, at) =>
    meanSquare(samples.subarray(at * block, (at + 1) * block)),
  );
  const loudest = Math.max(0, ...powers);
  if (loudest <= 1e-12) return samples.subarray(0, 0);
  const isActive = (power: number): boolean => power > loudest * 10 ** (-ACTIVE_RANGE_DB / 10);
  return samples.subarray(powers.findIndex(isActive) * block, (powers.findLastIndex(isActive) + 1) * block);
};

export interface Mixture {
  readonly samples: Float32Array;
  /** Of the event, seconds from the start. */
  readonly onsetS: number;
  readonly offsetS: number;
}

export interface MixOptions {
  readonly rateHz: number;
  readonly snrDb: number;
  /** A longer event is cut. */
  readonly longestS: number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

/**
 * `event` (trimmed here) somewhere in `background`, at an SNR: mean power of the event over mean power of the background in its span, both
 * after the high-pass. Both at the same rate.
 */
export const mixIn = (background: Float32Array, event: Float32Array, options: MixOptions): Mixture => {
  const { rateHz, snrDb, longestS, random } = options;
  const whole = trimmed(event, rateHz);
  const count = Math.min(whole.length, background.length, Math.round(longestS * rateHz));
  const cut = Math.floor(random() * (whole.length - count + 1));
  const start = Math.floor(random() * (background.length - count + 1));
  const fade = Math.round(FADE_S * rateHz);
  const sound = whole
    .slice(cut, cut + count)
    .map((sample, at) => sample * Math.min(1, (at + 1) / fade, (count - at) / fade));
  const bed = highPassed(background, rateHz).subarray(start, start + count);
  const power = meanSquare(highPassed(sound, rateHz));
  const gain = Math.sqrt((meanSquare(bed) / Math.max(power, 1e-20)) * 10 ** (snrDb / 10));
  const samples = background.slice();
  for (let at = 0; at < count; at += 1) samples[start + at] = (samples[start + at] ?? 0) + gain * (sound[at] ?? 0);
  return { samples, onsetS: start / rateHz, offsetS: (start + count) / rateHz };
};
