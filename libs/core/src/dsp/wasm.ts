/** The little of WebAssembly that is used; its types come with the DOM's only. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer;
  };
}

const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };

const PAGE = 65_536;

/** A module from base64, compiled. */
export const compileKernel = (base64: string): object =>
  new wasm.Module(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));

/** Exports of a new instance of a compiled module that has its own memory. */
export const instantiateKernel = (module: object): object => new wasm.Instance(module, {}).exports;

/** The same of a module that takes its memory from outside: `bytes` of zeros, never grown. */
export const instantiateOver = (
  module: object,
  bytes: number,
): { readonly exports: object; readonly buffer: ArrayBuffer } => {
  const pages = Math.ceil(bytes / PAGE);
  const memory = new wasm.Memory({ initial: pages, maximum: pages });
  return { exports: new wasm.Instance(module, { env: { memory } }).exports, buffer: memory.buffer };
};
