/**
 * Sizes of canvases, told by one ResizeObserver. Reading `clientWidth` between writes of text would lay the page out anew for
 * every card of the overview.
 */
interface Size {
  readonly width: number;
  readonly height: number;
}

const sizes = new WeakMap<Element, Size>();
const redraws = new WeakMap<Element, () => void>();
let observer: ResizeObserver | null = null;

/** Calls `redraw` whenever the canvas has got a size, the first one too; returns how to stop. */
export function watchCanvas(canvas: HTMLCanvasElement, redraw: () => void): () => void {
  observer ??= new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      sizes.set(target, { width: contentRect.width, height: contentRect.height });
      redraws.get(target)?.();
    }
  });
  redraws.set(canvas, redraw);
  observer.observe(canvas);
  return () => {
    observer?.unobserve(canvas);
    redraws.delete(canvas);
    sizes.delete(canvas);
  };
}

export interface FittedCanvas extends Size {
  readonly context: CanvasRenderingContext2D;
}

/** Gives a watched canvas the pixels its box covers on this screen and clears it; the context counts in CSS pixels. */
export function fitCanvas(canvas: HTMLCanvasElement): FittedCanvas | null {
  const size = sizes.get(canvas);
  if (size === undefined) return null;
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const width = Math.round(size.width * ratio);
  const height = Math.round(size.height * ratio);
  if (width === 0 || height === 0) return null;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return null;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  return { context, ...size };
}
