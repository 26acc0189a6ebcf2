/** Paints a scrolling log-mel picture: frames go once into a ring bitmap, each animation frame copies the part in view. */
import { magmaWords } from '../lib/colormap.js';
import type { MelChunk } from '../live/mel-ring.js';
import { MEL_BANDS, MEL_HOP_MS, MelRing, melByteToDb } from '../live/mel-ring.js';
import { fitCanvas } from './canvas.js';

const COLOURS = magmaWords();
/** The contrast follows the sound only when it is off by more than this, so that the picture does not flicker. */
const CONTRAST_SLACK = 8;
const LEAST_CONTRAST = 60;

export class SpectrogramPainter {
  private readonly ring: MelRing;
  private readonly bitmap = document.createElement('canvas');
  private readonly context: CanvasRenderingContext2D | null;
  private readonly lookup = new Uint32Array(256);
  private low = 40;
  private high = 160;
  private chunks = 0;
  private firstMs: number | null = null;

  constructor(seconds: number) {
    this.ring = new MelRing(Math.ceil((seconds * 1000) / MEL_HOP_MS));
    this.bitmap.width = this.ring.frames;
    this.bitmap.height = MEL_BANDS;
    this.context = this.bitmap.getContext('2d');
    this.makeLookup();
  }

  /** What the darkest and the brightest colour stand for, dB re full scale. */
  get rangeDb(): { readonly low: number; readonly high: number } {
    return { low: melByteToDb(this.low), high: melByteToDb(this.high) };
  }

  /** Time of the first frame it ever got; null while empty. */
  get firstTimeMs(): number | null {
    return this.firstMs;
  }

  write(chunk: MelChunk): void {
    const written = this.ring.write(chunk);
    if (written === null) return;
    this.firstMs ??= chunk.timeMs;
    if (this.chunks++ % 3 === 0 && this.adaptContrast()) this.paint(0, this.ring.frames);
    else this.paint(written.first, written.end);
  }

  /** dB at a time and band; null where nothing is. */
  valueAt(timeMs: number, band: number): number | null {
    const newest = this.ring.newestFrame;
    const frame = Math.floor(timeMs / MEL_HOP_MS);
    if (newest === null || frame > newest || frame <= newest - this.ring.frames) return null;
    const slot = this.ring.slot(frame);
    if (this.ring.present[slot] !== 1) return null;
    return melByteToDb(this.ring.bytes[slot * MEL_BANDS + band] ?? 0);
  }

  draw(canvas: HTMLCanvasElement, startMs: number, endMs: number): void {
    const fitted = fitCanvas(canvas);
    if (fitted === null) return;
    const { context } = fitted;
    const width = fitted.width;
    const height = fitted.height;
    const newest = this.ring.newestFrame;
    if (newest === null) return;
    const pixelsPerFrame = (width * MEL_HOP_MS) / (endMs - startMs);
    const left = startMs / MEL_HOP_MS;
    let frame = Math.max(Math.floor(left), newest - this.ring.frames + 1);
    const end = Math.min(Math.ceil(endMs / MEL_HOP_MS), newest + 1);
    context.imageSmoothingEnabled = true;
    while (frame < end) {
      const slot = this.ring.slot(frame);
      const count = Math.min(end - frame, this.ring.frames - slot);
      const x = (frame - left) * pixelsPerFrame;
      context.drawImage(this.bitmap, slot, 0, count, MEL_BANDS, x, 0, count * pixelsPerFrame, height);
      frame += count;
    }
  }

  private adaptContrast(): boolean {
    const contrast = this.ring.contrast();
    if (contrast === null) return false;
    const high = Math.max(contrast.high, contrast.low + LEAST_CONTRAST);
    if (Math.abs(contrast.low - this.low) <= CONTRAST_SLACK && Math.abs(high - this.high) <= CONTRAST_SLACK)
      return false;
    this.low = contrast.low;
    this.high = high;
    this.makeLookup();
    return true;
  }

  private makeLookup(): void {
    for (let byte = 0; byte < 256; byte++) {
      const share = Math.min(1, Math.max(0, (byte - this.low) / (this.high - this.low)));
      this.lookup[byte] = COLOURS[Math.round(share * 255)] ?? 0;
    }
  }

  private paint(first: number, end: number): void {
    const count = Math.min(end - first, this.ring.frames);
    const begin = this.ring.slot(first);
    const untilEdge = Math.min(count, this.ring.frames - begin);
    this.paintSlots(begin, untilEdge);
    if (count > untilEdge) this.paintSlots(0, count - untilEdge);
  }

  private paintSlots(slot: number, count: number): void {
    if (this.context === null) return;
    const image = this.context.createImageData(count, MEL_BANDS);
    const words = new Uint32Array(image.data.buffer);
    for (let column = 0; column < count; column++) {
      if (this.ring.present[slot + column] === 0) continue;
      for (let band = 0; band < MEL_BANDS; band++) {
        const byte = this.ring.bytes[(slot + column) * MEL_BANDS + band] ?? 0;
        words[(MEL_BANDS - 1 - band) * count + column] = this.lookup[byte] ?? 0;
      }
    }
    this.context.putImageData(image, slot, 0);
  }
}
