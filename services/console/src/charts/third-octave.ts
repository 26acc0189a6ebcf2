/** Third-octave levels of the newest second as bars. */
import { thirdOctaveName } from '../lib/format.js';
import { fitCanvas } from './canvas.js';

export interface BarStyle {
  readonly bar: string;
  readonly grid: string;
  readonly text: string;
  readonly font: string;
}

export interface DbScale {
  readonly low: number;
  readonly high: number;
}

const SPAN_DB = 60;

/** A scale of 60 dB in steps of ten that holds the loudest band; kept while it still fits, so that it does not jump. */
export function barScale(values: readonly (number | null)[], before: DbScale | null): DbScale {
  const loudest = Math.max(...values.map((value) => value ?? -Infinity));
  if (loudest === -Infinity) return before ?? { low: -SPAN_DB, high: 0 };
  if (before !== null && loudest < before.high && loudest > before.high - 25) return before;
  const high = Math.ceil((loudest + 4) / 10) * 10 + 0;
  return { low: high - SPAN_DB, high };
}

export function drawThirdOctaves(
  canvas: HTMLCanvasElement,
  values: readonly (number | null)[],
  scale: DbScale,
  style: BarStyle,
): void {
  const fitted = fitCanvas(canvas);
  if (fitted === null) return;
  const { context } = fitted;
  const left = 30;
  const bottom = 20;
  const top = 8;
  const width = fitted.width - left;
  const height = fitted.height - bottom - top;
  const y = (levelDb: number): number => top + height * (1 - (levelDb - scale.low) / (scale.high - scale.low));

  context.font = `11px ${style.font}`;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (let tick = scale.low; tick <= scale.high; tick += 10) {
    context.fillStyle = style.grid;
    context.fillRect(left, Math.round(y(tick)), width, 1);
    context.fillStyle = style.text;
    context.fillText(String(tick).replace('-', '−'), left - 5, y(tick));
  }
  if (values.length === 0) return;

  const step = width / values.length;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  values.forEach((value, index) => {
    if (value !== null && value > scale.low) {
      context.fillStyle = style.bar;
      context.fillRect(left + index * step + 1, y(value), Math.max(1, step - 2), top + height - y(value));
    }
    // Octave bands get a name: 31.5, 63, 125, ... ; on a narrow canvas every other one.
    if (index % (step > 8 ? 3 : 6) === 1) {
      context.fillStyle = style.text;
      context.fillText(thirdOctaveName(index), left + (index + 0.5) * step, top + height + 6);
    }
  });
}
