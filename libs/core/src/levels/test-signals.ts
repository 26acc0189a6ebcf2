import { createLevelMeter } from './level-meter.js';
import type { Samples, SecondLevels } from './types.js';

/** Uniform noise in ±`amplitude`, the same for the same seed. For tests. */
export const noise = (count: number, amplitude = 0.5, seed = 12_345): Float32Array => {
  let x = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    return (x / 2 ** 31 - 1) * amplitude;
  });
};

export const sine = (hz: number, rateHz: number, seconds: number, amplitude = 0.5): Float32Array =>
  Float32Array.from(
    { length: Math.round(rateHz * seconds) },
    (_, n) => amplitude * Math.sin((2 * Math.PI * hz * n) / rateHz),
  );

/** Levels per second of a signal; the last may be shorter. `cuts`: sizes of the calls, in turn; default one per second. */
export const measure = (
  samples: Samples,
  rateHz: number,
  cuts: readonly number[] = [rateHz],
): readonly SecondLevels[] => {
  const meter = createLevelMeter(rateHz);
  let state = meter.rest();
  const seconds: SecondLevels[] = [];
  for (let from = 0, i = 0; from < samples.length; i++) {
    const position = from % rateHz;
    const to = Math.min(samples.length, from + (cuts[i % cuts.length] ?? 1), from + rateHz - position);
    meter.push(state, samples, from, to, position);
    state = meter.copy(state);
    from = to;
    if (to % rateHz === 0) seconds.push(meter.take(state));
  }
  if (meter.count(state) > 0) seconds.push(meter.take(state));
  return seconds;
};
