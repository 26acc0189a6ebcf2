import type { SoundActivity } from '../classification/index.js';
import { drop, emit, type Outcome, type Stage } from '../stage/index.js';
import { close, decide, type HeardStream, type TellingConfig } from './follow-label.js';
import { ruleOfLabel, type DetectionRule } from './rule.js';
import { reachOf, type RawStep } from './smooth.js';
import type { Span } from './span.js';
import type { SoundEvent } from './types.js';

export interface DetectionConfig extends TellingConfig {
  /** The rule for steps of this model. The same answer for the same model and version. */
  ruleFor(modelId: string, modelVersion: string): DetectionRule;
}

export interface DetectionState {
  /** Null after a break. */
  readonly stream: HeardStream | null;
  /** Boot and time up to which everything was seen; survives breaks. */
  readonly seen: { readonly bootId: string; readonly timeUs: number } | null;
  /** The boot before: what still comes from it is late. */
  readonly previousBootId: string | null;
  /** The latest steps, as many as the smoothing of steps to come still needs. */
  readonly recent: readonly RawStep[];
  readonly spans: readonly Span[];
}

const silent = { stream: null, recent: [], spans: [] };

/**
 * Steps to sound events: median over steps, then hysteresis per label, so that events of different labels may overlap. An
 * event is reported when it has lasted `minDurationS`, again as it goes on, and once it has ended for `mergeGapS` (or the
 * stream broke): a closed event never opens again. Another model is another stream.
 */
export const createDetectEvents = (config: DetectionConfig): Stage<DetectionState, SoundActivity, SoundEvent> => ({
  init: () => ({ ...silent, seen: null, previousBootId: null }),
  step: (initial, batch) => {
    let state = initial;
    const outcomes = batch.map((activity) => {
      const next = advance(config, state, activity);
      state = next.state;
      return next.outcome;
    });
    return { state, outcomes };
  },
  flush: (state) => endOfStream(config, state, state.stream?.receivedTimeUs ?? 0),
});

interface Advanced {
  readonly state: DetectionState;
  readonly outcome: Outcome<SoundEvent>;
}

const advance = (config: DetectionConfig, state: DetectionState, activity: SoundActivity): Advanced => {
  const { seen } = state;
  if (activity.bootId !== '' && activity.bootId === state.previousBootId) return { state, outcome: drop('late') };
  const repeated = seen !== null && activity.bootId === seen.bootId && activity.timeUs <= seen.timeUs;
  if (repeated) return { state, outcome: drop('duplicate') };
  if (activity.discontinuity) {
    const closed = endOfStream(config, state, activity.receivedTimeUs);
    return { state: { ...state, ...silent }, outcome: emit(...closed) };
  }
  const goesOn = state.stream !== null && follows(state.stream, activity);
  const broken = goesOn ? [] : endOfStream(config, state, activity.receivedTimeUs);
  const before = goesOn ? state : { ...state, ...silent };
  const heard = hear(config, before, streamOf(activity), stepsOf(activity));
  const changed = seen !== null && seen.bootId !== activity.bootId;
  const next: DetectionState = {
    stream: streamOf(activity),
    seen: { bootId: activity.bootId, timeUs: activity.timeUs },
    previousBootId: changed ? seen.bootId : state.previousBootId,
    recent: heard.recent,
    spans: heard.spans,
  };
  return { state: next, outcome: emit(...broken, ...heard.events) };
};

const streamOf = (activity: SoundActivity): HeardStream => ({
  tenantId: activity.tenantId,
  sensorId: activity.sensorId,
  bootId: activity.bootId,
  modelId: activity.modelId,
  modelVersion: activity.modelVersion,
  calibrationId: activity.calibrationId,
  labels: activity.labels,
  stepUs: activity.stepMs * 1e3,
  endUs: activity.timeUs + activity.steps * activity.stepMs * 1e3,
  receivedTimeUs: activity.receivedTimeUs,
});

const stepsOf = ({ timeUs, stepMs, steps, labels, probabilities, laeqDb, calibrationId }: SoundActivity) =>
  Array.from({ length: steps }, (_, step): RawStep => ({
    timeUs: timeUs + step * stepMs * 1e3,
    codes: probabilities.slice(step * labels.length, (step + 1) * labels.length),
    laeqDb,
    calibrationId,
  }));

const follows = (stream: HeardStream, activity: SoundActivity): boolean =>
  stream.bootId === activity.bootId &&
  stream.modelId === activity.modelId &&
  stream.modelVersion === activity.modelVersion &&
  Math.abs(activity.timeUs - stream.endUs) < stream.stepUs / 2;

interface HeardSteps {
  readonly recent: readonly RawStep[];
  readonly spans: readonly Span[];
  readonly events: readonly SoundEvent[];
}

/** Takes steps that follow on the recent ones. Each label decides on the steps that its smoothing can see all around. */
const hear = (
  config: DetectionConfig,
  { recent, spans: before }: Pick<DetectionState, 'recent' | 'spans'>,
  stream: HeardStream,
  steps: readonly RawStep[],
): HeardSteps => {
  const rule = config.ruleFor(stream.modelId, stream.modelVersion);
  const all = [...recent, ...steps];
  const spans: Span[] = [];
  const events: SoundEvent[] = [];
  let needed = 0;
  stream.labels.forEach((label, index) => {
    const mine = ruleOfLabel(rule, label);
    const reach = reachOf(mine.medianSteps);
    needed = Math.max(needed, 2 * reach);
    let span = before.find((one) => one.label === label);
    for (let at = Math.max(0, recent.length - reach); at < all.length - reach; at += 1) {
      const told = decide(config, stream, mine, label, all, at, index, span);
      span = told.span;
      if (told.event !== undefined) events.push(told.event);
    }
    if (span !== undefined) spans.push(span);
  });
  return { recent: all.slice(Math.max(0, all.length - needed)), spans, events };
};

/** The last phases of everything that was heard until the stream broke: its last steps are decided without what is not there. */
const endOfStream = (config: DetectionConfig, state: DetectionState, receivedTimeUs: number): readonly SoundEvent[] => {
  if (state.stream === null) return [];
  const stream = { ...state.stream, receivedTimeUs };
  const rule = config.ruleFor(stream.modelId, stream.modelVersion);
  return spansToEnd(config, state, stream, rule);
};

const spansToEnd = (
  config: DetectionConfig,
  { recent, spans }: DetectionState,
  stream: HeardStream,
  rule: DetectionRule,
): readonly SoundEvent[] => {
  const labels = [...new Set([...stream.labels, ...spans.map(({ label }) => label)])];
  return labels.flatMap((label, index) => {
    const mine = ruleOfLabel(rule, label);
    const events: SoundEvent[] = [];
    let span = spans.find((one) => one.label === label);
    for (let at = Math.max(0, recent.length - reachOf(mine.medianSteps)); at < recent.length; at += 1) {
      const told = decide(config, stream, mine, label, recent, at, index, span);
      span = told.span;
      if (told.event !== undefined) events.push(told.event);
    }
    return span === undefined ? events : [...events, ...close(stream, mine, span)];
  });
};
