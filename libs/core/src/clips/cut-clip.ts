/** About one second of sound of a sensor, as the audio topics hold it, decoded. */
export interface ClipFrame {
  readonly bootId: string;
  /** Event time of sample 0 of the boot, microseconds since the Unix epoch. */
  readonly anchorTimeUs: number;
  /** Counted from the start of the boot. */
  readonly firstSampleIndex: number;
  readonly sampleRateHz: number;
  /** Full scale = ±1. */
  readonly samples: Float32Array;
}

/** Half-open, microseconds since the Unix epoch. */
export interface ClipSpan {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Seconds from the start of a clip; half-open. */
export interface ClipPart {
  readonly startS: number;
  readonly endS: number;
}

export interface Clip {
  readonly sampleRateHz: number;
  /** Exactly the span, rounded to samples; zeros where nothing was heard. */
  readonly samples: Float32Array;
  /** Samples that were heard. */
  readonly coveredSamples: number;
  /** Where nothing was heard, in order. */
  readonly gaps: readonly ClipPart[];
}

const firstOf = (frame: ClipFrame, fromUs: number): number =>
  // Anchor and index apart, so that frames of one boot lie side by side whatever the rounding of the anchor.
  frame.firstSampleIndex + Math.round(((frame.anchorTimeUs - fromUs) / 1e6) * frame.sampleRateHz);

const lengthOf = ({ fromUs, toUs }: ClipSpan, sampleRateHz: number): number =>
  Math.round(((toUs - fromUs) / 1e6) * sampleRateHz);

/** How many samples of the frame lie in the span. */
const insideOf = (frame: ClipFrame, span: ClipSpan): number => {
  const first = firstOf(frame, span.fromUs);
  const end = Math.min(first + frame.samples.length, lengthOf(span, frame.sampleRateHz));
  return Math.max(0, end - Math.max(first, 0));
};

/** The rate of most of the heard time; of equal ones the higher. Undefined: nothing was heard. */
const rateOf = (frames: readonly ClipFrame[], span: ClipSpan): number | undefined => {
  const heardS = new Map<number, number>();
  for (const frame of frames) {
    const rate = frame.sampleRateHz;
    const inside = insideOf(frame, span);
    if (inside > 0) heardS.set(rate, (heardS.get(rate) ?? 0) + inside / rate);
  }
  return [...heardS].sort(([rateA, a], [rateB, b]) => b - a || rateB - rateA)[0]?.[0];
};

const gapsOf = (heard: Uint8Array, sampleRateHz: number): readonly ClipPart[] => {
  const gaps: ClipPart[] = [];
  for (let at = heard.indexOf(0); at >= 0;) {
    const end = heard.indexOf(1, at);
    const until = end < 0 ? heard.length : end;
    gaps.push({ startS: at / sampleRateHz, endS: until / sampleRateHz });
    at = end < 0 ? -1 : heard.indexOf(0, end);
  }
  return gaps;
};

/**
 * The sound of a span out of frames in any order: the same frame twice changes nothing, frames of another sample rate than
 * most of the span has are left out, as a gap. null: no sample lies in the span.
 */
export const cutClip = (frames: readonly ClipFrame[], span: ClipSpan): Clip | null => {
  const sampleRateHz = rateOf(frames, span);
  if (sampleRateHz === undefined) return null;
  const length = lengthOf(span, sampleRateHz);
  const samples = new Float32Array(length);
  const heard = new Uint8Array(length);
  for (const frame of frames) {
    if (frame.sampleRateHz !== sampleRateHz || insideOf(frame, span) === 0) continue;
    const first = firstOf(frame, span.fromUs);
    const from = Math.max(first, 0);
    const to = Math.min(first + frame.samples.length, length);
    samples.set(frame.samples.subarray(from - first, to - first), from);
    heard.fill(1, from, to);
  }
  const coveredSamples = heard.reduce((sum, one) => sum + one, 0);
  return { sampleRateHz, samples, coveredSamples, gaps: gapsOf(heard, sampleRateHz) };
};

export interface ClipContext {
  /** Seconds before the onset and after the offset. */
  readonly contextS: number;
  /** Longest clip, seconds, context included. */
  readonly maxS: number;
}

/** What to cut for an event: with context on both sides; of a long event the beginning. */
export const clipSpanOf = (event: ClipSpan, { contextS, maxS }: ClipContext): ClipSpan => {
  const fromUs = event.fromUs - Math.round(contextS * 1e6);
  const toUs = event.toUs + Math.round(contextS * 1e6);
  return { fromUs, toUs: Math.min(toUs, fromUs + Math.round(maxS * 1e6)) };
};
