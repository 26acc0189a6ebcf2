import { PROBABILITY_CODES } from '../classification/index.js';
import { addLevel, joinLevels, noLevels } from './level-sum.js';
import type { LabelRule } from './rule.js';
import { smoothedCode, type RawStep } from './smooth.js';
import { soundEvent, type Span, type StreamIdentity } from './span.js';
import type { SoundEvent } from './types.js';

/** The stream that is heard, as its latest activity told it. */
export interface HeardStream extends StreamIdentity {
  readonly labels: readonly string[];
  readonly stepUs: number;
  /** Where the next activity begins if it follows on. */
  readonly endUs: number;
  readonly receivedTimeUs: number;
}

export interface TellingConfig {
  /** An open event is reported again at most this often, in event time. */
  readonly updateEveryS: number;
  /** A step can't begin an event when its second is not louder, dB; null: when it has no energy at all. */
  readonly floorDb: number | null;
}

export interface Told {
  readonly span?: Span;
  readonly event?: SoundEvent;
}

/** The label's span with step `at` of `all` in it, and what is to be told of it. */
export const decide = (
  config: TellingConfig,
  stream: HeardStream,
  rule: LabelRule,
  label: string,
  all: readonly RawStep[],
  at: number,
  index: number,
  before: Span | undefined,
): Told => {
  const step = all[at];
  if (step === undefined) return before === undefined ? {} : { span: before };
  const probability = smoothedCode(all, at, index, rule.medianSteps) / PROBABILITY_CODES;
  const mayBegin = step.laeqDb !== null && (config.floorDb === null || step.laeqDb > config.floorDb);
  const endUs = step.timeUs + stream.stepUs;
  const span = follow(rule, label, step, endUs, probability, mayBegin, before);
  return span === undefined ? {} : report(config, { ...stream, calibrationId: step.calibrationId }, rule, span, endUs);
};

/** Hysteresis: the label's span with this step in it. */
const follow = (
  rule: LabelRule,
  label: string,
  { timeUs, laeqDb }: RawStep,
  evidenceToUs: number,
  probability: number,
  mayBegin: boolean,
  span: Span | undefined,
): Span | undefined => {
  const begins = mayBegin && probability >= rule.onThreshold;
  if (span === undefined)
    return begins
      ? {
          label,
          onsetUs: timeUs,
          evidenceToUs,
          active: true,
          confidence: probability,
          levels: addLevel(noLevels, laeqDb),
          gapLevels: noLevels,
          nextRevision: 0,
          reportedToUs: 0,
        }
      : undefined;
  const goesOn = span.active ? probability >= Math.min(rule.offThreshold, rule.onThreshold) : begins;
  const gapLevels = addLevel(span.gapLevels, laeqDb);
  if (!goesOn) return { ...span, active: false, gapLevels };
  const levels = joinLevels(span.levels, gapLevels);
  const confidence = Math.max(span.confidence, probability);
  return { ...span, active: true, evidenceToUs, confidence, levels, gapLevels: noLevels };
};

/** What is to be told of a span now. An ended span stays until no step to come can be within the merge gap. */
const report = (config: TellingConfig, stream: HeardStream, rule: LabelRule, span: Span, stepEndUs: number): Told => {
  const tell = (phase: 'open' | 'update' | 'close') =>
    soundEvent(stream, span, phase, span.evidenceToUs, stream.receivedTimeUs);
  const told = { ...span, nextRevision: span.nextRevision + 1, reportedToUs: span.evidenceToUs };
  if (!span.active) {
    if (stepEndUs - span.evidenceToUs < toUs(rule.mergeGapS)) return { span };
    return span.nextRevision > 0 ? { event: tell('close') } : {};
  }
  if (span.nextRevision === 0) return isLongEnough(rule, span) ? { span: told, event: tell('open') } : { span };
  const due = span.evidenceToUs - span.reportedToUs >= toUs(config.updateEveryS);
  return due ? { span: told, event: tell('update') } : { span };
};

const isLongEnough = (rule: LabelRule, span: Span): boolean =>
  span.evidenceToUs - span.onsetUs >= toUs(rule.minDurationS);

/** Steps are whole microseconds: so are the times that they are held against. */
const toUs = (seconds: number): number => Math.round(seconds * 1e6);

/** The last phases of a span at the end of its stream. */
export const close = (stream: HeardStream, rule: LabelRule, span: Span): readonly SoundEvent[] => {
  const tell = (from: Span, phase: 'open' | 'close') =>
    soundEvent(stream, from, phase, span.evidenceToUs, stream.receivedTimeUs);
  if (span.nextRevision > 0) return [tell(span, 'close')];
  return isLongEnough(rule, span) ? [tell(span, 'open'), tell({ ...span, nextRevision: 1 }, 'close')] : [];
};
