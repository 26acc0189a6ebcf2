import type { SensorWindow, WindowSize } from './windows.js';

interface Dirty {
  readonly window: SensorWindow;
  readonly sinceMs: number;
}

/** A window that ended this recently is recomputed soon, so that its last state shows. */
const JUST_CLOSED_MS = 30_000;
/** After its end its last rows have this long to be stored; whoever comes later waits as long again. */
const LAST_ROWS_MS = 2_000;

/** The windows of one size whose rows changed since they were computed. Lost in a crash: `stale-windows` finds them again. */
export class DirtyWindows {
  private readonly windows = new Map<string, Dirty>();
  /** Ends of windows that were computed before, s since the Unix epoch; forgotten some time after. */
  private readonly known = new Map<string, number>();

  constructor(readonly size: WindowSize) {}

  get count(): number {
    return this.windows.size;
  }

  mark(window: SensorWindow, nowMs: number): void {
    const key = JSON.stringify([window.tenantId, window.sensorId, window.startS]);
    if (!this.windows.has(key)) this.windows.set(key, { window, sinceMs: nowMs });
  }

  /** Removes and returns what is due: waited for long enough, or closed just now. `all`: everything. */
  take(nowMs: number, all = false): readonly SensorWindow[] {
    this.forget(nowMs);
    const due: SensorWindow[] = [];
    for (const [key, dirty] of this.windows) {
      if (!all && nowMs - dirty.sinceMs < this.waitMs(key, dirty.window, nowMs)) continue;
      due.push(dirty.window);
      this.windows.delete(key);
      this.known.set(key, dirty.window.startS + this.size.seconds);
    }
    return due;
  }

  private waitMs(key: string, { startS }: SensorWindow, nowMs: number): number {
    const closedForMs = nowMs - (startS + this.size.seconds) * 1000;
    if (closedForMs >= LAST_ROWS_MS && closedForMs < JUST_CLOSED_MS) return LAST_ROWS_MS;
    return closedForMs < 0 && !this.known.has(key) ? this.size.firstMs : this.size.everyMs;
  }

  private forget(nowMs: number): void {
    for (const [key, endS] of this.known) if (nowMs > endS * 1000) this.known.delete(key);
  }
}
