/** What Earshot uses of @echogarden/pffft-wasm 0.4.2, which has no types of its own. Pointers are byte offsets into the heap. */
declare module '@echogarden/pffft-wasm/simd' {
  export interface PffftModule {
    readonly HEAPF32: Float32Array<ArrayBuffer>;
    /** 0: the size is not possible. */
    _pffft_new_setup(size: number, transform: number): number;
    _pffft_aligned_malloc(bytes: number): number;
    /** `work`: size floats; output order DC, Nyquist, re 1, im 1, … */
    _pffft_transform_ordered(setup: number, input: number, output: number, work: number, direction: number): void;
  }
  const createPffft: () => Promise<PffftModule>;
  export default createPffft;
}
