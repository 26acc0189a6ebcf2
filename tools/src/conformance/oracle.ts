import { weightingDb } from '@earshot/core/levels';

/** FFT in place, radix 2, both of one power-of-two length. */
const transform = (re: Float64Array, im: Float64Array): void => {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j] ?? 0, re[i] ?? 0];
      [im[i], im[j]] = [im[j] ?? 0, im[i] ?? 0];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const c = Math.cos((2 * Math.PI * k) / size);
      const s = -Math.sin((2 * Math.PI * k) / size);
      for (let i = k; i < n; i += size) {
        const [r, m] = [re[i + half] as number, im[i + half] as number];
        const [x, y] = [r * c - m * s, r * s + m * c];
        re[i + half] = (re[i] as number) - x;
        im[i + half] = (im[i] as number) - y;
        re[i] = (re[i] as number) + x;
        im[i] = (im[i] as number) + y;
      }
    }
  }
};

/**
 * Leq of the whole span by Parseval, the mean taken off, the analytic curves applied in the FFT domain (padded with zeros to
 * a power of two): dB re full-scale RMS. No filter is involved. Z has its first-order high-pass at 1 Hz.
 */
export const oracle = (samples: Float32Array | Float64Array, rateHz: number) => {
  const size = 2 ** Math.ceil(Math.log2(samples.length));
  const re = new Float64Array(size);
  let sum = 0;
  for (const x of samples) sum += x;
  const mean = sum / samples.length;
  samples.forEach((x, n) => (re[n] = x - mean));
  const im = new Float64Array(size);
  transform(re, im);
  let [a, c, z] = [0, 0, 0];
  for (let k = 1; k <= size / 2; k++) {
    const power = (k === size / 2 ? 1 : 2) * ((re[k] as number) ** 2 + (im[k] as number) ** 2);
    const hz = (k * rateHz) / size;
    a += power * 10 ** (weightingDb('A', hz) / 10);
    c += power * 10 ** (weightingDb('C', hz) / 10);
    z += (power * hz * hz) / (hz * hz + 1);
  }
  const level = (sum: number): number => 10 * Math.log10(sum / size / samples.length);
  return { laeqDb: level(a), lceqDb: level(c), lzeqDb: level(z) };
};
