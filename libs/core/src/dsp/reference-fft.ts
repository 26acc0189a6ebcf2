import type { RealFft } from './real-fft.js';

/** Radix-2 FFT in double precision, for tests: plain to read, not fast. `size`: a power of two. */
export const createReferenceFft = (size: number): RealFft => {
  const cos = Float64Array.from({ length: size }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sin = Float64Array.from({ length: size }, (_, k) => Math.sin((2 * Math.PI * k) / size));
  const bits = Math.log2(size);
  const reversed = Int32Array.from({ length: size }, (_, i) =>
    parseInt(i.toString(2).padStart(bits, '0').split('').reverse().join(''), 2),
  );
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  const run = (input: Float32Array): void => {
    for (let i = 0; i < size; i++) re[reversed[i] as number] = input[i] as number;
    im.fill(0);
    for (let half = 1; half < size; half *= 2) {
      for (let start = 0; start < size; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const [c, s] = [cos[(k * size) / (2 * half)] as number, -(sin[(k * size) / (2 * half)] as number)];
          const [a, b] = [start + k, start + k + half];
          const tr = c * (re[b] as number) - s * (im[b] as number);
          const ti = c * (im[b] as number) + s * (re[b] as number);
          re[b] = (re[a] as number) - tr;
          im[b] = (im[a] as number) - ti;
          re[a] = (re[a] as number) + tr;
          im[a] = (im[a] as number) + ti;
        }
      }
    }
  };
  return {
    size,
    transform: (input, output) => {
      run(input);
      for (let k = 0; k <= size / 2; k++) {
        output[2 * k] = re[k] as number;
        output[2 * k + 1] = im[k] as number;
      }
    },
    powerSpectrum: (input, output) => {
      run(input);
      for (let k = 0; k <= size / 2; k++) output[k] = (re[k] as number) ** 2 + (im[k] as number) ** 2;
    },
  };
};
