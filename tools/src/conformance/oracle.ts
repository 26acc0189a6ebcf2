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
    const cosines = new Float64Array(half).map((_, k) => Math.cos((2 * Math.PI * k) / size));
    const sines = new Float64Array(half).map((_, k) => -Math.sin((2 * Math.PI * k) / size));
    for (let start = 0; start < n; start += size) {
      for (let k = 0; k < half; k++) {
        const i = start + k;
        const j = i + half;
        const [c, s] = [cosines[k] as number, sines[k] as number];
        const [r, m] = [re[j] as number, im[j] as number];
        const x = r * c - m * s;
        const y = r * s + m * c;
        re[j] = (re[i] as number) - x;
        im[j] = (im[i] as number) - y;
        re[i] = (re[i] as number) + x;
        im[i] = (im[i] as number) + y;
      }
    }
  }
};

/**
 * Mean power of each bin of the whole span, its mean taken off (padded with zeros to a power of two); their sum is the mean square.
 * powers[k] is at k · stepHz.
 */
export const spectrumOf = (samples: Float32Array | Float64Array, rateHz: number) => {
  const size = 2 ** Math.ceil(Math.log2(samples.length));
  const re = new Float64Array(size);
  let sum = 0;
  for (const x of samples) sum += x;
  const mean = sum / samples.length;
  samples.forEach((x, n) => (re[n] = x - mean));
  const im = new Float64Array(size);
  transform(re, im);
  const powers = new Float64Array(size / 2 + 1).map((_, k) => {
    const sides = k === 0 || k === size / 2 ? 1 : 2;
    return (sides * ((re[k] as number) ** 2 + (im[k] as number) ** 2)) / size / samples.length;
  });
  return { powers, stepHz: rateHz / size };
};

/**
 * Leq of the whole span by Parseval, the mean taken off, the analytic curves applied in the FFT domain: dB re full-scale RMS. No filter is
 * involved. Z has its first-order high-pass at 1 Hz.
 */
export const oracle = (samples: Float32Array | Float64Array, rateHz: number) => {
  const { powers, stepHz } = spectrumOf(samples, rateHz);
  let [a, c, z] = [0, 0, 0];
  powers.forEach((power, k) => {
    if (k === 0) return;
    const hz = k * stepHz;
    a += power * 10 ** (weightingDb('A', hz) / 10);
    c += power * 10 ** (weightingDb('C', hz) / 10);
    z += (power * hz * hz) / (hz * hz + 1);
  });
  return { laeqDb: 10 * Math.log10(a), lceqDb: 10 * Math.log10(c), lzeqDb: 10 * Math.log10(z) };
};
