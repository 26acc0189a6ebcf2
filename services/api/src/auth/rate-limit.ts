/** A token bucket per key: `perSecond` on average, twice as many at once. */
export class RateLimit {
  private readonly buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(private readonly perSecond: number) {}

  /** 0: go on; else the seconds to wait. */
  waitS(keyId: string, nowMs: number): number {
    const most = this.perSecond * 2;
    const bucket = this.buckets.get(keyId) ?? { tokens: most, atMs: nowMs };
    this.buckets.set(keyId, bucket);
    bucket.tokens = Math.min(most, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) / 1000) * this.perSecond);
    bucket.atMs = nowMs;
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / this.perSecond));
    bucket.tokens -= 1;
    return 0;
  }
}
