import type { InferenceSession } from 'onnxruntime-node';

/** What a network and its thread say to each other. Numbers travel in shared memory, one row after another. */

export interface Slot {
  /** The tensor's name. */
  readonly name: string;
  /** Of a row. */
  readonly shape: readonly number[];
  /** Values of a row. */
  readonly size: number;
  readonly memory: SharedArrayBuffer;
}

export interface Layout {
  /** uint8 codes, which the thread turns into levels. */
  readonly codes: Slot;
  /** Level of each code. */
  readonly dB: Float32Array;
  /** float32. */
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
}

export type Request =
  | { readonly kind: 'layout'; readonly layout: Layout }
  | { readonly kind: 'run'; readonly rows: number }
  | { readonly kind: 'close' };

export type Reply =
  | {
      readonly kind: 'open';
      readonly inputs: InferenceSession['inputMetadata'];
      readonly outputs: InferenceSession['outputMetadata'];
    }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly cause: string };
