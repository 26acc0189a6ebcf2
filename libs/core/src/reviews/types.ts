export const verdicts = ['right', 'wrong', 'other_label', 'missed'] as const;
export type Verdict = (typeof verdicts)[number];

/** Label of what is none of the labels: an event that was wrong, without a word on what it was. Nothing else may be named so. */
export const NO_LABEL = 'none';

/** One reviewed sound, as training sees it. */
export interface ReviewedSound {
  readonly eventId: string;
  readonly sensorId: string;
  readonly verdict: Verdict;
  /** What it was; NO_LABEL for wrong ones. Without control characters. */
  readonly label: string;
  /** What the event said; empty for a missed one. */
  readonly claimed: string;
  /** As reviewed, microseconds since the Unix epoch; half-open. */
  readonly onsetUs: number;
  readonly offsetUs: number;
  /** Of the event, 0..1; null for a missed one. */
  readonly confidence: number | null;
  readonly modelId: string;
  readonly modelVersion: string;
  readonly reviewer: string;
  readonly note: string;
  readonly reviewedUs: number;
}

/** A clip in an export folder. */
export interface ExportedClip {
  /** File name without folder, e.g. gate-1_20261122T100000.250Z_1a2b3c4d.wav. */
  readonly file: string;
  readonly sensorId: string;
  /** Event time of the first sample, microseconds since the Unix epoch. */
  readonly fromUs: number;
  readonly sampleRateHz: number;
  readonly sampleCount: number;
}

/** A label inside a clip; half-open, seconds from its start. */
export interface ClipLabel {
  readonly startS: number;
  readonly endS: number;
  readonly label: string;
  /** What the event said, when the label is NO_LABEL; else empty. */
  readonly claimed: string;
}
