/** Big-endian bits of a byte range. Reads beyond the end give zeros: ask `overrun` after each piece of work. */
export class BitReader {
  /** Bits read since `base`. */
  position = 0;
  private base = 0;

  /** `padded` has at least 8 zero bytes after `end`. */
  constructor(
    private readonly padded: Uint8Array,
    private readonly end: number,
  ) {}

  /** Starts again at a byte. Positions stay small however long the whole is. */
  seek(byte: number): void {
    this.base = byte;
    this.position = 0;
  }

  /** The byte at which the next whole byte starts. */
  get byteOffset(): number {
    return this.base + ((this.position + 7) >>> 3);
  }

  get overrun(): boolean {
    return this.base + this.position / 8 > this.end;
  }

  /** The next 32 bits, unread. */
  peek32(): number {
    const bytes = this.padded;
    const at = this.base + (this.position >>> 3);
    const shift = this.position & 7;
    const word =
      ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    return shift === 0 ? word : (word << shift) | ((bytes[at + 4] ?? 0) >>> (8 - shift));
  }

  /** `count` 0..32 bits as an unsigned number. */
  unsigned(count: number): number {
    if (count === 0) return 0;
    const value = this.peek32() >>> (32 - count);
    this.position += count;
    return value;
  }

  /** `count` 0..32 bits, two's complement. */
  signed(count: number): number {
    if (count === 0) return 0;
    const value = this.peek32() >> (32 - count);
    this.position += count;
    return value;
  }

  /** Zeros before the next one, which is read too. Ends at the end of the bytes. */
  unary(): number {
    let zeros = 0;
    for (;;) {
      const run = Math.clz32(this.peek32());
      zeros += run;
      if (run < 32) {
        this.position += run + 1;
        return zeros;
      }
      this.position += 32;
      if (this.overrun) return zeros;
    }
  }
}
