/** Class probabilities over time, for the lanes under the spectrogram. Pure. */
import type { Classification } from '../api/types.js';

export interface ClassWindow {
  readonly timeMs: number;
  readonly durationMs: number;
  readonly probabilities: ReadonlyMap<string, number>;
}

export const toClassWindow = (value: Classification): ClassWindow => ({
  timeMs: Date.parse(value.time),
  durationMs: value.durationMs,
  probabilities: new Map(value.classes.map(({ label, probability }) => [label, probability])),
});

/** Keeps the list in order of time, one window per time, from `oldestMs` on. */
export function insertWindow(windows: ClassWindow[], added: ClassWindow, oldestMs: number): void {
  let index = windows.length;
  while (index > 0 && (windows[index - 1]?.timeMs ?? 0) > added.timeMs) index--;
  const same = windows[index - 1]?.timeMs === added.timeMs;
  windows.splice(same ? index - 1 : index, same ? 1 : 0, added);
  let old = 0;
  while ((windows[old]?.timeMs ?? Infinity) < oldestMs) old++;
  windows.splice(0, old);
}

export interface Cell {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The part of the time axis a window stands for: windows overlap, so each is drawn over one hop around its own middle.
 * The hop is the distance to the next window, else to the one before, never more than the window is long.
 */
export function cellOf(windows: readonly ClassWindow[], index: number): Cell {
  const window = windows[index];
  if (window === undefined) return { startMs: 0, endMs: 0 };
  const next = windows[index + 1];
  const before = windows[index - 1];
  const distance = next !== undefined ? next.timeMs - window.timeMs : window.timeMs - (before?.timeMs ?? -Infinity);
  const hopMs = Math.min(distance, window.durationMs);
  const middleMs = window.timeMs + window.durationMs / 2;
  return { startMs: middleMs - hopMs / 2, endMs: middleMs + hopMs / 2 };
}

/** All labels in order of name, or of many the `most` that were most probable. */
export function chooseLanes(windows: readonly ClassWindow[], known: readonly string[], most: number): string[] {
  const highest = new Map<string, number>(known.map((label) => [label, 0]));
  for (const { probabilities } of windows) {
    for (const [label, probability] of probabilities) {
      highest.set(label, Math.max(highest.get(label) ?? 0, probability));
    }
  }
  return [...highest.entries()]
    .sort((a, b) => b[1] - a[1])
    .slice(0, highest.size <= most ? undefined : most)
    .map(([label]) => label)
    .sort();
}
