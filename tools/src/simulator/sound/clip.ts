/** A piece of sound that a sensor plays, at the sensor's rate. */
export interface Clip {
  /** File or scene name. */
  readonly name: string;
  readonly samples: Float32Array;
  /** What is heard in it, in samples from its start; half-open. */
  readonly marks: readonly { readonly label: string; readonly from: number; readonly to: number }[];
}

/** Where clips come from: endless. */
export interface ClipSource {
  readonly sampleRateHz: number;
  next(): Promise<Clip>;
}

/** Something that was played, in samples from the start of the run; half-open. */
export interface Played {
  readonly name: string;
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** Clips one after another as one continuous sound. The next clip is made ready while one plays. */
export class SoundStream {
  private current: { readonly clip: Clip; readonly startsAt: number } | undefined;
  private upcoming: Promise<Clip> | undefined;
  private position = 0;
  private open: Played[] = [];

  constructor(
    private readonly source: ClipSource,
    private readonly gapSamples: number,
    private readonly onPlayed: (played: Played) => void,
  ) {}

  get sampleRateHz(): number {
    return this.source.sampleRateHz;
  }

  /** The next `count` samples. */
  async read(count: number): Promise<Float32Array> {
    const samples = new Float32Array(count);
    for (let filled = 0; filled < count;) {
      const { clip, startsAt } = this.current ?? (await this.startNext());
      const at = this.position - startsAt;
      const left = clip.samples.length + this.gapSamples - at;
      const step = Math.min(left, count - filled);
      if (at < clip.samples.length) samples.set(clip.samples.subarray(at, at + step), filled);
      filled += step;
      this.position += step;
      if (step === left) this.current = undefined;
    }
    this.tell(this.position);
    return samples;
  }

  /** The sound ends here: what was still playing ends with it. */
  end(): void {
    this.tell(Infinity);
  }

  private async startNext(): Promise<{ readonly clip: Clip; readonly startsAt: number }> {
    const clip = await (this.upcoming ?? this.source.next());
    const upcoming = this.source.next();
    // Heard of when it is needed.
    upcoming.catch(() => undefined);
    this.upcoming = upcoming;
    this.current = { clip, startsAt: this.position };
    for (const { label, from, to } of clip.marks)
      this.open.push({ name: clip.name, label, from: this.position + from, to: this.position + to });
    return this.current;
  }

  /** Reports what is over by now, cut where the sound ends. */
  private tell(until: number): void {
    for (const played of this.open.filter(({ to }) => to <= until))
      if (played.from < this.position) this.onPlayed({ ...played, to: Math.min(played.to, this.position) });
    this.open = this.open.filter(({ to }) => to > until);
  }
}
