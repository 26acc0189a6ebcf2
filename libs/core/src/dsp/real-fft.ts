/**
 * Port: FFT of `size` real samples. Buffers belong to the caller and are not kept; one call at a time (synchronous).
 * Adapter: `@earshot/platform/fft`.
 */
export interface RealFft {
  readonly size: number;
  /** `input`: size samples. `output`: size + 2 numbers, (re, im) of bins 0 … size/2, not normalised. */
  transform(input: Float32Array, output: Float32Array): void;
  /** `input`: size samples. `output`: |X|² of bins 0 … size/2, not normalised (a constant 1 gives size² in bin 0). */
  powerSpectrum(input: Float32Array, output: Float32Array): void;
}
