/** Clock times under a live view, in the viewer's zone. */
import { formatClock } from '../lib/time.js';
import { fitCanvas } from './canvas.js';

export function drawTimeAxis(
  canvas: HTMLCanvasElement,
  startMs: number,
  endMs: number,
  style: { readonly text: string; readonly line: string; readonly font: string },
): void {
  const fitted = fitCanvas(canvas);
  if (fitted === null) return;
  const { context } = fitted;
  const width = fitted.width;
  const stepMs = tickStepMs(endMs - startMs, width);
  context.font = `11px ${style.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (let tickMs = Math.ceil(startMs / stepMs) * stepMs; tickMs <= endMs; tickMs += stepMs) {
    const x = ((tickMs - startMs) / (endMs - startMs)) * width;
    context.fillStyle = style.line;
    context.fillRect(x, 0, 1, 4);
    context.fillStyle = style.text;
    if (x > 26 && x < width - 26) context.fillText(formatClock(tickMs), x, 6);
  }
}

/** The smallest round step that leaves 84 px between two labels. */
export function tickStepMs(spanMs: number, width: number): number {
  const least = (84 / Math.max(1, width)) * spanMs;
  return [1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000].find((step) => step >= least) ?? 60_000;
}
