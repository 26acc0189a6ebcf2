/** The newest seconds of log-mel frames, addressed by event time; a frame that never came is empty. */

export interface MelChunk {
  readonly timeMs: number;
  readonly hopMs: number;
  readonly bands: number;
  /** frames x bands, frame after frame, lowest band first; dB = -100 + 0.5 x byte. */
  readonly bytes: Uint8Array;
}

export const MEL_HOP_MS = 20;
export const MEL_BANDS = 64;

export class MelRing {
  readonly bytes: Uint8Array;
  /** 1 where the frame is there. */
  readonly present: Uint8Array;
  private newest: number | null = null;

  constructor(readonly frames: number) {
    this.bytes = new Uint8Array(frames * MEL_BANDS);
    this.present = new Uint8Array(frames);
  }

  /** Number (event time / hop) of the newest frame; null while empty. */
  get newestFrame(): number | null {
    return this.newest;
  }

  /** Gives the written frame numbers [first, end); null when the chunk is of another front end or too old. */
  write(chunk: MelChunk): { readonly first: number; readonly end: number } | null {
    if (chunk.bands !== MEL_BANDS || chunk.hopMs !== MEL_HOP_MS) return null;
    const count = Math.floor(chunk.bytes.length / MEL_BANDS);
    const start = Math.round(chunk.timeMs / MEL_HOP_MS);
    const end = start + count;
    if (count === 0 || count > this.frames) return null;
    if (this.newest !== null && end <= this.newest - this.frames + 1) return null;
    let first = start;
    if (this.newest === null || start > this.newest + 1) {
      first = this.newest === null ? start : Math.max(this.newest + 1, end - this.frames);
      for (let frame = first; frame < start; frame++) this.present[this.slot(frame)] = 0;
    }
    for (let index = 0; index < count; index++) {
      const slot = this.slot(start + index);
      this.bytes.set(chunk.bytes.subarray(index * MEL_BANDS, (index + 1) * MEL_BANDS), slot * MEL_BANDS);
      this.present[slot] = 1;
    }
    this.newest = Math.max(this.newest ?? 0, end - 1);
    return { first, end };
  }

  slot(frame: number): number {
    return ((frame % this.frames) + this.frames) % this.frames;
  }

  /** The bytes below which 3 % and 99.7 % of what is there lie: the contrast of the picture. Null while empty. */
  contrast(): { readonly low: number; readonly high: number } | null {
    const histogram = new Uint32Array(256);
    let total = 0;
    for (let slot = 0; slot < this.frames; slot += 2) {
      if (this.present[slot] === 0) continue;
      for (let band = 0; band < MEL_BANDS; band++) {
        const byte = this.bytes[slot * MEL_BANDS + band] ?? 0;
        // Byte 0 is the floor (digital silence): it says nothing of the sound's range.
        if (byte === 0) continue;
        histogram[byte] = (histogram[byte] ?? 0) + 1;
        total++;
      }
    }
    if (total === 0) return null;
    return { low: quantile(histogram, total * 0.03), high: quantile(histogram, total * 0.997) };
  }
}

function quantile(histogram: Uint32Array, count: number): number {
  let sum = 0;
  for (let byte = 0; byte < histogram.length; byte++) {
    sum += histogram[byte] ?? 0;
    if (sum >= count) return byte;
  }
  return 255;
}

export const melByteToDb = (byte: number): number => -100 + 0.5 * byte;

export function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
