/** Bounds the bytes that wait for Kafka's acknowledgement. First come, first served. */
export class ByteGate {
  private used = 0;
  private readonly waiting: { readonly bytes: number; enter(): void }[] = [];

  constructor(readonly maxBytes: number) {}

  get usedBytes(): number {
    return this.used;
  }

  /** Nothing more may enter at once. */
  get isFull(): boolean {
    return this.waiting.length > 0 || this.used >= this.maxBytes;
  }

  /** Resolves when there is room (something larger than the whole enters alone). Give the same bytes to `leave`. */
  enter(bytes: number): Promise<void> {
    if (this.waiting.length === 0 && this.fits(bytes)) {
      this.used += bytes;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.waiting.push({ bytes, enter: resolve }));
  }

  leave(bytes: number): void {
    this.used -= bytes;
    for (let next = this.waiting[0]; next !== undefined && this.fits(next.bytes); next = this.waiting[0]) {
      this.waiting.shift();
      this.used += next.bytes;
      next.enter();
    }
  }

  private fits(bytes: number): boolean {
    return this.used === 0 || this.used + bytes <= this.maxBytes;
  }
}
