/**
 * Where the right edge of a live view stands. Sound arrives in pieces of a second and late by what the way costs; the edge
 * moves evenly behind the browser's clock by the largest lag seen lately, so that it neither jumps nor runs into emptiness.
 */
const REMEMBERED = 6;
/** Share of the way to the wanted lag covered per second. */
const EASE_PER_S = 1.5;
const JUMP_MS = 4000;

export class LiveClock {
  private readonly lags: number[] = [];
  private lagMs: number | null = null;
  private easedAtMs = 0;

  /** Data up to `dataEndMs` (event time) arrived at `nowMs` (browser's time). */
  observe(dataEndMs: number, nowMs: number): void {
    this.lags.push(nowMs - dataEndMs);
    if (this.lags.length > REMEMBERED) this.lags.shift();
  }

  /** Event time of the right edge; the browser's time before anything arrived. */
  edgeMs(nowMs: number): number {
    if (this.lags.length === 0) return nowMs;
    // A piece arrives every second: the edge waits for the next one.
    const wanted = Math.max(...this.lags) + 1000;
    if (this.lagMs === null || Math.abs(wanted - this.lagMs) > JUMP_MS) this.lagMs = wanted;
    const elapsedS = Math.min(1, Math.max(0, (nowMs - this.easedAtMs) / 1000));
    this.lagMs += (wanted - this.lagMs) * Math.min(1, elapsedS * EASE_PER_S);
    this.easedAtMs = nowMs;
    return nowMs - this.lagMs;
  }
}
