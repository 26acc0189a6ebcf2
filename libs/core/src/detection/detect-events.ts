import type { ScoredWindow } from '../classification/index.js';
import { drop, emit, type Outcome, type Stage } from '../stage/index.js';
import { addLevel, joinLevels, louder, noLevels } from './level-sum.js';
import { ruleOfLabel, type DetectionRule, type LabelRule } from './rule.js';
import { soundEvent, type Span } from './span.js';
import type { SoundEvent } from './types.js';

export interface DetectionConfig {
  /** The rule for windows of this model. The same answer for the same model and version. */
  ruleFor(modelId: string, modelVersion: string): DetectionRule;
  /** An open event is reported again at most this often, in event time. */
  readonly updateEveryS: number;
  /** A window can't begin an event when no second that it touches is louder, dB; null: when none has energy at all. */
  readonly floorDb: number | null;
}

type Heard = Omit<ScoredWindow, 'labels' | 'probabilities'>;

export interface DetectionState {
  /** The latest window since the last break; null after a break. */
  readonly latest: Heard | null;
  /** Boot and window time up to which everything was seen; survives breaks. */
  readonly seen: { readonly bootId: string; readonly timeUs: number } | null;
  /** The boot before: what still comes from it is late. */
  readonly previousBootId: string | null;
  /** Ends of the latest windows with the level there, oldest first: as many as one window spans. */
  readonly recent: readonly { readonly endUs: number; readonly laeqDb: number | null }[];
  /** Whether `recent` reaches back to the stream's first window. */
  readonly fresh: boolean;
  readonly spans: readonly Span[];
}

const silent = { latest: null, recent: [], fresh: true, spans: [] };

/**
 * Scored windows to sound events: hysteresis per label, so that events of different labels may overlap. An event is
 * reported when it has lasted `minDurationS`, again as it goes on, and once it has ended for `mergeGapS` (or the stream
 * broke): a closed event never opens again.
 */
export const createDetectEvents = (config: DetectionConfig): Stage<DetectionState, ScoredWindow, SoundEvent> => ({
  init: () => ({ ...silent, seen: null, previousBootId: null }),
  step: (initial, windows) => {
    let state = initial;
    const outcomes = windows.map((window) => {
      const next = advance(config, state, window);
      state = next.state;
      return next.outcome;
    });
    return { state, outcomes };
  },
  flush: (state) => endOfStream(config, state, state.latest?.receivedTimeUs ?? 0),
});

interface Advanced {
  readonly state: DetectionState;
  readonly outcome: Outcome<SoundEvent>;
}

const advance = (config: DetectionConfig, state: DetectionState, window: ScoredWindow): Advanced => {
  const { seen } = state;
  if (window.bootId !== '' && window.bootId === state.previousBootId) return { state, outcome: drop('late') };
  const repeated = seen !== null && window.bootId === seen.bootId && window.timeUs <= seen.timeUs;
  if (repeated) return { state, outcome: drop('duplicate') };
  if (window.discontinuity) {
    const closed = endOfStream(config, state, window.receivedTimeUs);
    return { state: { ...state, ...silent }, outcome: emit(...closed) };
  }
  const goesOn = state.latest !== null && follows(state.latest, window);
  const broken = goesOn ? [] : endOfStream(config, state, window.receivedTimeUs);
  const stream = withLevel(goesOn ? state : { ...state, ...silent }, window);
  const { spans, events } = judge(config, stream, window);
  const changed = seen !== null && seen.bootId !== window.bootId;
  const next: DetectionState = {
    latest: heard(window),
    seen: { bootId: window.bootId, timeUs: window.timeUs },
    previousBootId: changed ? seen.bootId : state.previousBootId,
    recent: stream.recent,
    fresh: stream.fresh,
    spans,
  };
  return { state: next, outcome: emit(...broken, ...events) };
};

const heard = ({ labels: _, probabilities: __, ...rest }: ScoredWindow): Heard => rest;

const follows = (latest: Heard, window: ScoredWindow): boolean =>
  latest.bootId === window.bootId &&
  latest.modelId === window.modelId &&
  latest.modelVersion === window.modelVersion &&
  Math.abs(window.timeUs - latest.timeUs - window.hopMs * 1e3) < (window.hopMs * 1e3) / 2;

const centreUs = (window: Heard): number => window.timeUs + (window.windowMs * 1e3) / 2;
const endUs = (window: Heard): number => window.timeUs + window.windowMs * 1e3;
const halfHopUs = (window: Heard): number => (window.hopMs * 1e3) / 2;

const withLevel = (state: DetectionState, window: ScoredWindow): DetectionState => {
  const recent = [...state.recent, { endUs: endUs(window), laeqDb: window.laeqDb }];
  const kept = recent.filter((level) => level.endUs > window.timeUs);
  return { ...state, recent: kept, fresh: state.fresh && kept.length === recent.length };
};

/** Whether the window may begin an event. Before a whole window was heard the levels can't deny it. */
const audible = (config: DetectionConfig, state: DetectionState): boolean => {
  const loudest = state.recent.reduce<number | null>((max, { laeqDb }) => louder(max, laeqDb), null);
  if (state.fresh && state.recent.length > 0 && loudest === null) return true;
  return loudest !== null && (config.floorDb === null || loudest > config.floorDb);
};

/** LAeq where the window's evidence lies: of the second in which a window ended nearest to this one's centre. */
const levelAtCentre = (state: DetectionState, window: ScoredWindow): number | null => {
  const centre = centreUs(window);
  return state.recent.reduce((best, level) =>
    Math.abs(level.endUs - centre) < Math.abs(best.endUs - centre) ? level : best,
  ).laeqDb;
};

const judge = (config: DetectionConfig, state: DetectionState, window: ScoredWindow) => {
  const rule = config.ruleFor(window.modelId, window.modelVersion);
  const context: Context = {
    config,
    window,
    first: state.latest === null,
    mayBegin: audible(config, state),
    levelDb: levelAtCentre(state, window),
  };
  const spans: Span[] = [];
  const events: SoundEvent[] = [];
  window.labels.forEach((label, index) => {
    const before = state.spans.find((span) => span.label === label);
    const heardNow = follow(context, ruleOfLabel(rule, label), label, window.probabilities[index] ?? 0, before);
    if (heardNow === undefined) return;
    const { span, event } = report(context, ruleOfLabel(rule, label), heardNow);
    if (span !== undefined) spans.push(span);
    if (event !== undefined) events.push(event);
  });
  return { spans, events };
};

interface Context {
  readonly config: DetectionConfig;
  readonly window: ScoredWindow;
  /** Nothing was heard before this window. */
  readonly first: boolean;
  readonly mayBegin: boolean;
  readonly levelDb: number | null;
}

/** Hysteresis: the label's span with this window in it. */
const follow = (
  { window, first, mayBegin, levelDb }: Context,
  rule: LabelRule,
  label: string,
  probability: number,
  span: Span | undefined,
): Span | undefined => {
  const evidenceToUs = centreUs(window) + halfHopUs(window);
  const begins = mayBegin && probability >= rule.onThreshold;
  if (span === undefined)
    return begins
      ? {
          label,
          onsetUs: first ? window.timeUs : centreUs(window) - halfHopUs(window),
          evidenceToUs,
          active: true,
          confidence: probability,
          levels: addLevel(noLevels, levelDb),
          gapLevels: noLevels,
          nextRevision: 0,
          reportedToUs: 0,
        }
      : undefined;
  const goesOn = span.active ? probability >= Math.min(rule.offThreshold, rule.onThreshold) : begins;
  const gapLevels = addLevel(span.gapLevels, levelDb);
  if (!goesOn) return { ...span, active: false, gapLevels };
  const levels = joinLevels(span.levels, gapLevels);
  const confidence = Math.max(span.confidence, probability);
  return { ...span, active: true, evidenceToUs, confidence, levels, gapLevels: noLevels };
};

/** What is to be told of a span now. An ended span stays until no window to come can be within the merge gap. */
const report = ({ config, window }: Context, rule: LabelRule, span: Span): { span?: Span; event?: SoundEvent } => {
  const tell = (phase: 'open' | 'update' | 'close') =>
    soundEvent(window, span, phase, span.evidenceToUs, window.receivedTimeUs);
  const told = { ...span, nextRevision: span.nextRevision + 1, reportedToUs: span.evidenceToUs };
  if (!span.active) {
    const nextFromUs = centreUs(window) + halfHopUs(window);
    if (nextFromUs - span.evidenceToUs < rule.mergeGapS * 1e6) return { span };
    return span.nextRevision > 0 ? { event: tell('close') } : {};
  }
  if (span.nextRevision === 0) return isLongEnough(rule, span) ? { span: told, event: tell('open') } : { span };
  const due = span.evidenceToUs - span.reportedToUs >= config.updateEveryS * 1e6;
  return due ? { span: told, event: tell('update') } : { span };
};

const isLongEnough = (rule: LabelRule, span: Span, offsetUs = span.evidenceToUs): boolean =>
  offsetUs - span.onsetUs >= rule.minDurationS * 1e6;

/** The last phases of everything that was heard until the stream broke. */
const endOfStream = (
  config: DetectionConfig,
  { latest, spans }: DetectionState,
  receivedTimeUs: number,
): readonly SoundEvent[] => {
  if (latest === null) return [];
  const rule = config.ruleFor(latest.modelId, latest.modelVersion);
  return spans.flatMap((span) => {
    const offsetUs = span.active ? endUs(latest) : span.evidenceToUs;
    const tell = (from: Span, phase: 'open' | 'close') => soundEvent(latest, from, phase, offsetUs, receivedTimeUs);
    if (span.nextRevision > 0) return [tell(span, 'close')];
    if (!isLongEnough(ruleOfLabel(rule, span.label), span, offsetUs)) return [];
    return [tell(span, 'open'), tell({ ...span, nextRevision: 1 }, 'close')];
  });
};
