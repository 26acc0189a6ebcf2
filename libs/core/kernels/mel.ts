// Inner loops of the log-mel front end, in AssemblyScript: `npm run kernels` compiles it to src/dsp/generated/mel.ts.
//
// All addresses are bytes into the given memory; src/dsp/mel-kernel.ts says what lies where. Samples, window, spectrum, powers and filters
// are f32, energies f64.

/** `size` (a multiple of 4) samples times the window. */
export function windowed(samples: usize, window: usize, out: usize, size: i32): void {
  for (const end = samples + (<usize>size << 2); samples < end; samples += 16, window += 16, out += 16) {
    v128.store(out, f32x4.mul(v128.load(samples), v128.load(window)));
  }
}

/** |X|² of `bins` bins; the spectrum is (re, im) of each. */
export function power(spectrum: usize, out: usize, bins: i32): void {
  const fours = out + (<usize>(bins & ~3) << 2);
  for (; out < fours; out += 16, spectrum += 32) {
    const low = v128.load(spectrum);
    const high = v128.load(spectrum, 16);
    const re = v128.shuffle<f32>(low, high, 0, 2, 4, 6);
    const im = v128.shuffle<f32>(low, high, 1, 3, 5, 7);
    v128.store(out, f32x4.add(f32x4.mul(re, re), f32x4.mul(im, im)));
  }
  for (let left = bins & 3; left > 0; left--, out += 4, spectrum += 8) {
    const re = load<f32>(spectrum);
    const im = load<f32>(spectrum, 4);
    store<f32>(out, re * re + im * im);
  }
}

/**
 * Energies of the bands. `table`: per band two i32, its first bin and its number of weights, a multiple of 4; `weights` one after another. Summed in
 * four parts, of weights 0, 4, 8 …, of weights 1, 5, 9 …, and so on.
 */
export function mel(power: usize, table: usize, weights: usize, out: usize, bands: i32): void {
  for (let band = 0; band < bands; band++, table += 8) {
    let bin = power + (<usize>load<i32>(table) << 2);
    const end = weights + (<usize>load<i32>(table, 4) << 2);
    let sum = f32x4.splat(0);
    for (; weights < end; weights += 16, bin += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(weights), v128.load(bin)));
    }
    const low = <f64>f32x4.extract_lane(sum, 0) + <f64>f32x4.extract_lane(sum, 1);
    const high = <f64>f32x4.extract_lane(sum, 2) + <f64>f32x4.extract_lane(sum, 3);
    store<f64>(out + (<usize>band << 3), low + high);
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
