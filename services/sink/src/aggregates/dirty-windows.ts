import type { SensorWindow, WindowSize } from './windows.js';

interface Dirty {
  readonly window: SensorWindow;
  readonly sinceMs: number;
}

/** A window that ended this recently is recomputed soon, so that its last state shows. */
const JUST_CLOSED_MS = 30_000;
/** After its end its last rows have this long to be stored; what comes later waits as long again. */
const LAST_ROWS_MS = 2_000;

/** The windows of one size whose rows changed since they were computed. Lost in a crash: `stale-windows` finds them again. */
export class DirtyWindows {
  private readonly windows = new Map<string, Dirty>();

  constructor(readonly size: WindowSize) {}

  get count(): number {
    return this.windows.size;
  }

  mark(window: SensorWindow, nowMs: number): void {
    const key = JSON.stringify([window.tenantId, window.sensorId, window.startS]);
    if (!this.windows.has(key)) this.windows.set(key, { window, sinceMs: nowMs });
  }

  /** Removes and returns what is due: waited for `everyMs`, or closed just now. `all`: everything. */
  take(nowMs: number, all = false): readonly SensorWindow[] {
    const due: SensorWindow[] = [];
    for (const [key, { window, sinceMs }] of this.windows) {
      if (!all && nowMs - sinceMs < this.waitMs(window, nowMs)) continue;
      due.push(window);
      this.windows.delete(key);
    }
    return due;
  }

  private waitMs({ startS }: SensorWindow, nowMs: number): number {
    const closedForMs = nowMs - (startS + this.size.seconds) * 1000;
    return closedForMs >= LAST_ROWS_MS && closedForMs < JUST_CLOSED_MS ? LAST_ROWS_MS : this.size.everyMs;
  }
}
