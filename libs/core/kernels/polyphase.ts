// Inner loop of the resampler, in AssemblyScript: `npm run kernels` compiles it to src/dsp/generated/polyphase.ts.
//
// All addresses are bytes into the given memory; src/dsp/polyphase.ts says what lies where. Samples and coefficients are f64,
// outputs f32. Each output is summed in four parts (of taps 0, 4, 8 …, of taps 1, 5, 9 …, and so on), whatever call it is computed in.

// @ts-ignore: decorator
@inline
function convolve(line: usize, coefficients: usize, taps: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let end = coefficients + (<usize>taps << 3); coefficients < end; coefficients += 32, line += 32) {
    low = f64x2.add(low, f64x2.mul(v128.load(line), v128.load(coefficients)));
    high = f64x2.add(high, f64x2.mul(v128.load(line, 16), v128.load(coefficients, 16)));
  }
  return (
    f64x2.extract_lane(low, 0) +
    f64x2.extract_lane(low, 1) +
    (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1))
  );
}

/**
 * Computes outputs while all their `taps` (a multiple of 4) lie within the `total` samples of the line, `limit` at most; the first begins
 * at sample `start` with phase `phase` of `up`. The table has a row of taps per phase; with `phases` other than `up`, an
 * output lies between two rows. Returns the number of outputs.
 */
export function run(
  line: usize,
  total: i32,
  table: usize,
  output: usize,
  taps: i32,
  phases: i32,
  up: i32,
  down: i32,
  start: i32,
  phase: i32,
  limit: i32,
): i32 {
  let count: i32 = 0;
  const row = <usize>taps << 3;
  while (start + taps <= total && count < limit) {
    const from = line + (<usize>start << 3);
    let value: f64;
    if (phases == up) value = convolve(from, table + <usize>phase * row, taps);
    else {
      const place = (<f64>phase * <f64>phases) / <f64>up;
      const below = floor(place);
      const share = place - below;
      const at = table + <usize>(<i32>below) * row;
      value = (1 - share) * convolve(from, at, taps) + share * convolve(from, at + row, taps);
    }
    store<f32>(output + (<usize>count << 2), <f32>value);
    count++;
    phase += down;
    const whole = phase / up;
    start += whole;
    phase -= whole * up;
  }
  return count;
}
