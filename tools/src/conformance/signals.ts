import { createLevelMeter, type LevelMeter, type SecondLevels } from '@earshot/core/levels';

export const sine = (hz: number, rateHz: number, seconds: number, amplitude = 0.5): Float64Array =>
  Float64Array.from({ length: Math.round(rateHz * seconds) }, (_, n) => {
    return amplitude * Math.sin((2 * Math.PI * hz * n) / rateHz);
  });

/** White (or pink, by summed first-order filters) noise, the same every time. */
export const noise = (count: number, pink: boolean): Float64Array => {
  let x = 12_345;
  let [b0, b1, b2] = [0, 0, 0];
  return Float64Array.from({ length: count }, () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    const white = (x / 2 ** 31 - 1) * 0.3;
    if (!pink) return white;
    b0 = 0.99765 * b0 + white * 0.099046;
    b1 = 0.963 * b1 + white * 0.2965164;
    b2 = 0.57 * b2 + white * 1.0526913;
    return 0.2 * (b0 + b1 + b2 + white * 0.1848);
  });
};

const meters = new Map<string, LevelMeter>();

const meterOf = (rateHz: number, curve: 'A' | 'C' | 'Z'): LevelMeter => {
  const key = `${curve} ${rateHz}`;
  const meter = meters.get(key) ?? createLevelMeter(rateHz, curve);
  meters.set(key, meter);
  return meter;
};

/** Levels of every second, the last may be shorter. `curve`: what is measured in A's place. */
export const measure = (
  samples: Float32Array | Float64Array,
  rateHz: number,
  curve: 'A' | 'C' | 'Z' = 'A',
): readonly SecondLevels[] => {
  const meter = meterOf(rateHz, curve);
  const state = meter.rest();
  const seconds: SecondLevels[] = [];
  for (let from = 0; from < samples.length; from += rateHz) {
    meter.push(state, samples, from, Math.min(samples.length, from + rateHz), 0);
    seconds.push(meter.take(state));
  }
  return seconds;
};

/** Raised-cosine fades of half a second: an abrupt end is a click, which A weighting lifts above a low tone. */
export const faded = (samples: Float64Array, rateHz: number): Float64Array =>
  samples.map((x, n) => {
    const share = Math.min(1, (2 * n) / rateHz, (2 * (samples.length - 1 - n)) / rateHz);
    return x * (0.5 - 0.5 * Math.cos(Math.PI * share));
  });
