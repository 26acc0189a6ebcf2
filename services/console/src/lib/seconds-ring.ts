/** The newest N seconds of one quantity, addressed by event time; a second that never came is NaN. */
export class SecondsRing {
  private readonly values: Float32Array;
  private newest: number | null = null;

  constructor(readonly length: number) {
    this.values = new Float32Array(length).fill(NaN);
  }

  /** Second (since the epoch) of the newest value; null while empty. */
  get newestSecond(): number | null {
    return this.newest;
  }

  /** A second older than the ring holds is ignored. */
  set(second: number, value: number | null): void {
    if (this.newest === null || second > this.newest) {
      const first = Math.max((this.newest ?? second) + 1, second - this.length + 1);
      for (let missed = first; missed < second; missed++) this.values[missed % this.length] = NaN;
      this.newest = second;
    } else if (second <= this.newest - this.length) return;
    this.values[second % this.length] = value ?? NaN;
  }

  /** NaN outside of what the ring holds. */
  at(second: number): number {
    if (this.newest === null || second > this.newest || second <= this.newest - this.length) return NaN;
    return this.values[second % this.length] ?? NaN;
  }
}
