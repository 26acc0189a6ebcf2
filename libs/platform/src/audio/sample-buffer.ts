/** Samples of one channel, growing by what really arrives, never by what a header claims. */
export class SampleBuffer {
  private samples = new Float32Array(4096);
  private used = 0;

  get length(): number {
    return this.used;
  }

  private reserve(count: number): void {
    if (this.used + count <= this.samples.length) return;
    const grown = new Float32Array(Math.max(this.used + count, this.samples.length * 2));
    grown.set(this.samples.subarray(0, this.used));
    this.samples = grown;
  }

  append(samples: Float32Array): void {
    this.reserve(samples.length);
    this.samples.set(samples, this.used);
    this.used += samples.length;
  }

  /** The first `count` of `values`, times `scale`. */
  appendScaled(values: Int32Array, count: number, scale: number): void {
    this.reserve(count);
    const { samples, used } = this;
    for (let i = 0; i < count; i++) samples[used + i] = (values[i] ?? 0) * scale;
    this.used += count;
  }

  /** All samples, in a buffer of their own size. */
  take(): Float32Array {
    return this.samples.slice(0, this.used);
  }
}
