/** One lane per label: probability as intensity, events as frames around their time. */
import type { SoundEvent } from '../api/types.js';
import type { ClassWindow } from '../live/class-windows.js';
import { cellOf } from '../live/class-windows.js';
import { fitCanvas } from './canvas.js';

export const LANE_HEIGHT = 22;

export interface LaneStyle {
  /** `r g b` of a full probability. */
  readonly lane: string;
  readonly ground: string;
  readonly event: string;
}

export interface LaneView {
  readonly startMs: number;
  readonly endMs: number;
  readonly labels: readonly string[];
  readonly windows: readonly ClassWindow[];
  readonly events: Iterable<SoundEvent>;
}

/** Below this a probability is not painted: a page of faint cells tells nothing. */
const FAINTEST = 0.03;

export function drawClassLanes(canvas: HTMLCanvasElement, view: LaneView, style: LaneStyle): void {
  const fitted = fitCanvas(canvas);
  if (fitted === null) return;
  const { context } = fitted;
  const width = fitted.width;
  const x = (timeMs: number): number => ((timeMs - view.startMs) / (view.endMs - view.startMs)) * width;

  context.fillStyle = style.ground;
  view.labels.forEach((_, lane) => context.fillRect(0, lane * LANE_HEIGHT + 1, width, LANE_HEIGHT - 2));

  view.windows.forEach((window, index) => {
    const cell = cellOf(view.windows, index);
    if (cell.endMs < view.startMs || cell.startMs > view.endMs) return;
    const left = x(cell.startMs);
    const right = x(cell.endMs);
    view.labels.forEach((label, lane) => {
      const probability = window.probabilities.get(label) ?? 0;
      if (probability < FAINTEST) return;
      context.fillStyle = `rgb(${style.lane} / ${probability})`;
      context.fillRect(left, lane * LANE_HEIGHT + 1, right - left + 0.3, LANE_HEIGHT - 2);
    });
  });

  context.strokeStyle = style.event;
  context.lineWidth = 1.5;
  for (const event of view.events) {
    const lane = view.labels.indexOf(event.label);
    const startMs = Date.parse(event.onset);
    const endMs = Date.parse(event.offset);
    if (lane < 0 || endMs < view.startMs || startMs > view.endMs) continue;
    context.beginPath();
    context.roundRect(x(startMs), lane * LANE_HEIGHT + 2, Math.max(3, x(endMs) - x(startMs)), LANE_HEIGHT - 4, 3);
    context.stroke();
  }
}
