const MOST_AT_ONCE = 16;

/** How fast a slow lane is read: `recordsPerS` on average over all of a topic's partitions that this consumer has. */
export class Pacer {
  private tokens: number;
  private atMs: number;
  private readonly budget: number;

  constructor(
    private readonly recordsPerS: number,
    nowMs: number,
  ) {
    // Little at a time, so that what waits beside it does not wait long.
    this.budget = Math.min(MOST_AT_ONCE, Math.max(1, recordsPerS / 4));
    this.tokens = this.budget;
    this.atMs = nowMs;
  }

  /** How many of `wanted` records may be handled now. */
  grant(wanted: number, nowMs: number): number {
    this.tokens = Math.min(this.budget, this.tokens + ((nowMs - this.atMs) / 1000) * this.recordsPerS);
    this.atMs = nowMs;
    const granted = Math.min(wanted, Math.floor(this.tokens));
    this.tokens -= granted;
    return granted;
  }

  /** Until the budget is there again, ms. */
  get pauseMs(): number {
    return ((this.budget - this.tokens) / this.recordsPerS) * 1000;
  }
}
