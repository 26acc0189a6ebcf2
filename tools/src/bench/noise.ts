/** Noise through a pole at 0.9, rounded to 16 bits as a sensor would; the same every time. Full scale is 1. */
export const noise = (samples: number): Float32Array => {
  let x = 12_345;
  let low = 0;
  return Float32Array.from({ length: samples }, () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    low = 0.9 * low + 0.1 * (x / 2 ** 31 - 1);
    return Math.round(0.5 * low * 32_768) / 32_768;
  });
};
