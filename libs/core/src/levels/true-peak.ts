import { createKaiserWindow } from '../dsp/kaiser.js';

/** Samples on either side that an interpolated value leans on. */
const REACH = 8;
/** Samples kept between calls. */
export const PEAK_HISTORY = 2 * REACH + 1;
/** Points per sample between which a parabola finds the top. */
const STEPS = 4;
/**
 * How far the top of a sine may lie above the parabola through the three samples around it: 1.133 at most, at 0.3 of the rate. What
 * can't pass the peak so far is passed over.
 */
const ABOVE_PARABOLA = 1.15;
/** The parabola's top lies at most this far above its middle sample: both neighbours differ from it by less than twice. */
const PARABOLA_RISE = 1.25;
const kaiser = createKaiserWindow(7);
const { abs } = Math;

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Kaiser-windowed sinc: taps[step - 1][k] weighs sample n - REACH + 1 + k for the value at n + step / STEPS. */
const TAPS: readonly Float64Array[] = Array.from({ length: STEPS - 1 }, (_, i) => {
  const shift = (i + 1) / STEPS;
  const taps = Float64Array.from({ length: 2 * REACH }, (__, k) => {
    const x = k - REACH + 1 - shift;
    return sinc(x) * kaiser(x / REACH);
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
});

const between = (samples: Float64Array, n: number, step: number): number => {
  const taps = TAPS[step - 1] as Float64Array;
  let sum = 0;
  for (let k = 0; k < 2 * REACH; k++) sum += (taps[k] as number) * (samples[n - REACH + 1 + k] as number);
  return abs(sum);
};

const points = new Float64Array(2 * STEPS + 1);

/** Height of the top around the local maximum at `m`: four points per sample, then a parabola through the highest three. */
const topAround = (samples: Float64Array, m: number): number => {
  points[0] = abs(samples[m - 1] as number);
  points[STEPS] = abs(samples[m] as number);
  points[2 * STEPS] = abs(samples[m + 1] as number);
  for (let step = 1; step < STEPS; step++) {
    points[step] = between(samples, m - 1, step);
    points[STEPS + step] = between(samples, m, step);
  }
  let best = 0;
  for (let i = 1; i < points.length; i++) if ((points[i] as number) > (points[best] as number)) best = i;
  const top = points[best] as number;
  if (best === 0 || best === 2 * STEPS) return top;
  const left = points[best - 1] as number;
  const right = points[best + 1] as number;
  const bend = left - 2 * top + right;
  return bend >= 0 ? top : top - ((right - left) * (right - left)) / (8 * bend);
};

/**
 * Largest magnitude of the signal between the samples, not only at them. `samples`: PEAK_HISTORY samples from before,
 * then `length` new ones; a top is looked at when eight samples after it are known, so the last eight wait for the next call.
 *
 * @returns the larger of `peak` and what was found.
 */
export const truePeak = (samples: Float64Array, length: number, peak: number): number => {
  let found = peak;
  for (let m = PEAK_HISTORY - REACH; m < PEAK_HISTORY - REACH + length; m++) {
    const sample = samples[m] as number;
    const here = abs(sample);
    if (here * (ABOVE_PARABOLA * PARABOLA_RISE) <= found) continue;
    const left = sample < 0 ? -(samples[m - 1] as number) : (samples[m - 1] as number);
    const right = sample < 0 ? -(samples[m + 1] as number) : (samples[m + 1] as number);
    if (here < left || here <= right || here < -left || here <= -right) continue;
    const parabola = here + ((right - left) * (right - left)) / (8 * (2 * here - left - right));
    if (parabola * ABOVE_PARABOLA > found) {
      const top = topAround(samples, m);
      if (top > found) found = top;
    }
  }
  return found;
};
