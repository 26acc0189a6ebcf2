/** A minute of levels as one line; a second that never came breaks it. */
import { fitCanvas } from './canvas.js';
import type { SecondsRing } from '../lib/seconds-ring.js';

const LEAST_SPAN_DB = 18;

export interface SparklineStyle {
  readonly line: string;
  readonly fill: string;
}

export function drawSparkline(canvas: HTMLCanvasElement, ring: SecondsRing, style: SparklineStyle): void {
  const fitted = fitCanvas(canvas);
  if (fitted === null) return;
  const { context, width, height } = fitted;
  const newest = ring.newestSecond;
  if (newest === null) return;

  const values = Array.from({ length: ring.length }, (_, index) => ring.at(newest - ring.length + 1 + index));
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return;
  const top = Math.max(...known);
  const span = Math.max(LEAST_SPAN_DB, top - Math.min(...known));
  const middle = (top + Math.min(...known)) / 2;
  const x = (index: number): number => (index / (ring.length - 1)) * (width - 3) + 1;
  const y = (value: number): number => height / 2 - ((value - middle) / span) * (height - 6);

  context.lineJoin = 'round';
  context.lineWidth = 1.5;
  context.strokeStyle = style.line;
  context.fillStyle = style.fill;
  let start: number | null = null;
  for (let index = 0; index <= values.length; index++) {
    const value = values[index];
    const present = value !== undefined && !Number.isNaN(value);
    if (present) start ??= index;
    else if (start !== null) {
      run(context, values, start, index - 1, x, y, height);
      start = null;
    }
  }
  const last = values.at(-1);
  if (last !== undefined && !Number.isNaN(last)) {
    context.fillStyle = style.line;
    context.beginPath();
    context.arc(x(values.length - 1), y(last), 2, 0, 2 * Math.PI);
    context.fill();
  }
}

function run(
  context: CanvasRenderingContext2D,
  values: readonly number[],
  first: number,
  last: number,
  x: (index: number) => number,
  y: (value: number) => number,
  height: number,
): void {
  const line = new Path2D();
  for (let index = first; index <= last; index++) {
    const value = values[index] ?? 0;
    if (index === first) line.moveTo(x(index), y(value));
    else line.lineTo(x(index), y(value));
  }
  if (first === last) line.lineTo(x(first) + 1, y(values[first] ?? 0));
  const area = new Path2D(line);
  area.lineTo(x(last), height);
  area.lineTo(x(first), height);
  area.closePath();
  context.fill(area);
  context.stroke(line);
}
