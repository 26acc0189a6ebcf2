// Inner loops of the log-mel front end, in AssemblyScript: `npm run kernels` compiles it to src/dsp/generated/mel.ts.
//
// All addresses are bytes into the given memory; src/dsp/mel-kernel.ts says what lies where. Samples, window and spectrum are f32,
// filters and energies f64.

/** `size` (a multiple of 4) samples times the window. */
export function windowed(samples: usize, window: usize, out: usize, size: i32): void {
  for (const end = samples + (<usize>size << 2); samples < end; samples += 16, window += 16, out += 16) {
    v128.store(out, f32x4.mul(v128.load(samples), v128.load(window)));
  }
}

/** |X|² in f32 of `bins` bins; the spectrum is (re, im) of each. */
export function power(spectrum: usize, out: usize, bins: i32): void {
  const pairs = out + (<usize>(bins & ~1) << 2);
  for (; out < pairs; out += 8, spectrum += 16) {
    const low = f64x2.promote_low_f32x4(v128.load64_zero(spectrum));
    const high = f64x2.promote_low_f32x4(v128.load64_zero(spectrum, 8));
    const a = f64x2.mul(low, low);
    const b = f64x2.mul(high, high);
    const re = v128.shuffle<f64>(a, b, 0, 2);
    const im = v128.shuffle<f64>(a, b, 1, 3);
    v128.store64_lane(out, f32x4.demote_f64x2_zero(f64x2.add(re, im)), 0);
  }
  if (bins & 1) {
    const re = <f64>load<f32>(spectrum);
    const im = <f64>load<f32>(spectrum, 4);
    store<f32>(out, <f32>(re * re + im * im));
  }
}

/**
 * Energies of the bands. `table`: per band two i32, its first bin and its number of weights; `weights` one after another. Summed in two
 * parts, of even and of odd weights.
 */
export function mel(power: usize, table: usize, weights: usize, out: usize, bands: i32): void {
  for (let band = 0; band < bands; band++, table += 8) {
    let bin = power + (<usize>load<i32>(table) << 2);
    const count = load<i32>(table, 4);
    const pairs = weights + (<usize>(count & ~1) << 3);
    let sum = f64x2.splat(0);
    for (; weights < pairs; weights += 16, bin += 8) {
      sum = f64x2.add(sum, f64x2.mul(v128.load(weights), f64x2.promote_low_f32x4(v128.load64_zero(bin))));
    }
    let total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
    if (count & 1) {
      total += load<f64>(weights) * <f64>load<f32>(bin);
      weights += 8;
    }
    store<f64>(out + (<usize>band << 3), total);
  }
}

/**
 * Energies -> codes. `limits`: 257 ascending f64; code c is for energies from limits[c] to below limits[c + 1]. The exponent and the top of
 * the mantissa say about where: log2 by straight lines is at most 0.09 off, which is less than one code of 0.166.
 */
export function quantise(energies: usize, limits: usize, out: usize, bands: i32): void {
  for (let band = 0; band < bands; band++) {
    const energy = load<f64>(energies + (<usize>band << 3));
    const bits = reinterpret<u64>(energy);
    const exponent = <i32>(bits >> 52) - 1023;
    const mantissa = <f64>(bits & 0xfffffffffffff) * 2.220446049250313e-16;
    // 20 log10(2) codes per octave; 200.5 of them above -100 dB is full scale.
    const guess = 6.020599913279624 * (<f64>exponent + mantissa) + 200.5;
    let code = guess >= 255 ? 255 : guess > 0 ? <i32>guess : 0;
    while (code < 255 && energy >= load<f64>(limits + (<usize>(code + 1) << 3))) code++;
    while (code > 0 && energy < load<f64>(limits + (<usize>code << 3))) code--;
    store<u8>(out + band, code);
  }
}
