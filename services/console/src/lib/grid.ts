/** A regular time grid over rows that may be missing: what is not there becomes a gap, never a line across it. */

export interface TimedRow {
  readonly timeMs: number;
}

export interface Grid<T> {
  /** Seconds since the epoch of each slot's start, rising. */
  readonly timesS: readonly number[];
  readonly rows: readonly (T | null)[];
}

/** Slots of `stepMs` over [fromMs, toMs); the phase is that of the rows. The last row of a slot wins. */
export function toGrid<T extends TimedRow>(rows: readonly T[], fromMs: number, toMs: number, stepMs: number): Grid<T> {
  const phaseMs = rows.length === 0 ? 0 : (rows[0]?.timeMs ?? 0) % stepMs;
  const first = Math.ceil((fromMs - phaseMs) / stepMs);
  const count = Math.max(0, Math.ceil((toMs - phaseMs) / stepMs) - first);
  const slots = new Array<T | null>(count).fill(null);
  for (const row of rows) {
    const slot = Math.floor((row.timeMs - phaseMs) / stepMs + 1e-6) - first;
    if (slot >= 0 && slot < count) slots[slot] = row;
  }
  return { timesS: slots.map((_, index) => ((first + index) * stepMs + phaseMs) / 1000), rows: slots };
}
