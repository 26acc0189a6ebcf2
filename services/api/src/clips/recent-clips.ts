interface Sized {
  readonly samples: Float32Array;
}

interface Entry<C> {
  readonly clip: C;
  readonly untilMs: number;
}

const MAX_BYTES = 32 * 1024 * 1024;
const KEPT_MS = 10 * 60_000;

/** The last clips that were cut: who reviews hears first and keeps then, and the same sound is read once. */
export class RecentClips<C extends Sized> {
  private readonly entries = new Map<string, Entry<C>>();

  constructor(private readonly nowMs: () => number = Date.now) {}

  get(name: string): C | undefined {
    const entry = this.entries.get(name);
    if (entry === undefined || entry.untilMs > this.nowMs()) return entry?.clip;
    this.entries.delete(name);
    return undefined;
  }

  put(name: string, clip: C): void {
    this.entries.delete(name);
    this.entries.set(name, { clip, untilMs: this.nowMs() + KEPT_MS });
    for (const oldest of this.entries.keys()) {
      if (this.bytes() <= MAX_BYTES) return;
      this.entries.delete(oldest);
    }
  }

  private bytes(): number {
    return [...this.entries.values()].reduce((sum, { clip }) => sum + clip.samples.byteLength, 0);
  }
}
