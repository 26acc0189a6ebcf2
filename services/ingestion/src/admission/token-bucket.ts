/**
 * A token bucket: `rate` per second flow in, up to `burst`. What is taken beyond that leaves it empty, never in debt, so
 * that who was too fast is measured by what is sent from then on.
 */
export class TokenBucket {
  private tokens: number;
  private atMs: number;

  constructor(
    private readonly rate: number,
    private readonly burst: number,
    nowMs: number,
  ) {
    this.tokens = burst;
    this.atMs = nowMs;
  }

  /** Takes as much of `amount` as there is. True: all of it was there. */
  take(amount: number, nowMs: number): boolean {
    this.flow(nowMs);
    const isEnough = this.tokens >= amount;
    this.tokens = Math.max(0, this.tokens - amount);
    return isEnough;
  }

  isFull(nowMs: number): boolean {
    this.flow(nowMs);
    return this.tokens >= this.burst;
  }

  private flow(nowMs: number): void {
    this.tokens = Math.min(this.burst, this.tokens + (Math.max(0, nowMs - this.atMs) / 1000) * this.rate);
    this.atMs = Math.max(this.atMs, nowMs);
  }
}
