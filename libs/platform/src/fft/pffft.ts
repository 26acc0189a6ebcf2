// The ambient types have to travel with this file into every project that imports it.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./pffft-wasm.d.ts" />
import type { RealFft } from '@earshot/core/dsp';
import createPffft, { type PffftModule } from '@echogarden/pffft-wasm/simd';

const REAL = 0;
const FORWARD = 0;
const FLOAT_BYTES = 4;

let loading: Promise<PffftModule> | undefined;

/**
 * FFT of `size` real samples in WebAssembly SIMD (PFFFT). `size`: a multiple of 32 whose only prime factors are 2, 3 and 5.
 * The module is compiled once per process; the buffers of an FFT live as long as the process.
 */
export const createRealFft = async (size: number): Promise<RealFft> => {
  const pffft = await (loading ??= createPffft());
  const setup = size > 0 && size % 32 === 0 ? pffft._pffft_new_setup(size, REAL) : 0;
  if (setup === 0) throw new Error(`no FFT of ${size}: expected a multiple of 32 with prime factors 2, 3 and 5 only`);
  const bytes = size * FLOAT_BYTES;
  const [input, output, work] = [pffft, pffft, pffft].map((module) => module._pffft_aligned_malloc(bytes));
  if (!input || !output || !work) throw new Error('out of memory for FFT buffers');
  // Views are made anew when the heap has grown (which detaches them).
  let heap = pffft.HEAPF32.buffer;
  let source = new Float32Array(heap, input, size);
  let spectrum = new Float32Array(heap, output, size);

  /** Leaves DC, Nyquist, re 1, im 1, re 2, … in `spectrum`. */
  const forward = (samples: Float32Array): Float32Array => {
    if (heap !== pffft.HEAPF32.buffer) {
      heap = pffft.HEAPF32.buffer;
      source = new Float32Array(heap, input, size);
      spectrum = new Float32Array(heap, output, size);
    }
    source.set(samples);
    pffft._pffft_transform_ordered(setup, input, output, work, FORWARD);
    return spectrum;
  };

  return {
    size,
    transform: (samples, result) => {
      const bins = forward(samples);
      result.set(bins);
      result[1] = 0;
      result[size] = bins[1] as number;
      result[size + 1] = 0;
    },
    powerSpectrum: (samples, result) => {
      const bins = forward(samples);
      const dc = bins[0] as number;
      const nyquist = bins[1] as number;
      result[0] = dc * dc;
      result[size / 2] = nyquist * nyquist;
      for (let i = 1, at = 2; at < size; i++, at += 2) {
        const re = bins[at] as number;
        const im = bins[at + 1] as number;
        result[i] = re * re + im * im;
      }
    },
  };
};
