import type { SensorWindow, WindowSize } from './windows.js';

interface Dirty {
  readonly window: SensorWindow;
  readonly sinceMs: number;
}

/** A window that ended this recently is recomputed at once, so that its last state shows soon. */
const JUST_CLOSED_MS = 30_000;

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
      const closedForMs = nowMs - (window.startS + this.size.seconds) * 1000;
      const justClosed = closedForMs >= 0 && closedForMs < JUST_CLOSED_MS;
      if (!all && !justClosed && nowMs - sinceMs < this.size.everyMs) continue;
      due.push(window);
      this.windows.delete(key);
    }
    return due;
  }
}
