import { drop, emit, type Outcome, type Stage } from '../stage/index.js';
import { bandDeviations, learnBaseline, type Baseline } from './learn-baseline.js';
import { adapt, nearest } from './operating-states.js';
import { BANDS, bandFrequencyHz, meanCodes, profileOf } from './profile.js';
import type { AnomalyConfig, AnomalyVerdict, BandDeviation, DetectorState, HeardSecond } from './types.js';

export const DETECTOR_ID = 'logmel-states-v1';

/** Seconds kept while learning; a longer warm-up keeps every second, third, … of its seconds. 64 bytes each. */
const MAX_KEPT = 120;
/** A second with fewer frames was cut by a gap: neither judged nor learned from. A whole one has 47 to 50. */
const LEAST_FRAMES = 40;
const FRAME_MS = 20;
const TOLERANCE_US = 0.5e6;
/** A second further ahead of its reception than this comes from a wrong clock. */
const FUTURE_US = 600e6;
const ROUNDING_US = 1e3;

interface Learning {
  readonly kind: 'learning';
  readonly seen: number;
  /** Mean codes per band of the seconds kept. */
  readonly kept: readonly Uint8Array[];
}

interface Watching {
  readonly kind: 'watching';
  readonly baseline: Baseline;
  readonly anomalous: boolean;
  /** Onset of the episode, or of the run above the threshold that may become one; 0: neither. */
  readonly onsetUs: number;
  /** Seconds in a row above the threshold while normal, below while anomalous. */
  readonly run: number;
}

/** The scoring interval under way. */
interface Interval {
  readonly bootId: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly score: number;
  readonly explanation: readonly BandDeviation[];
  readonly receivedTimeUs: number;
}

/** State of one sensor: under 10 kB while learning, under 3 kB after. */
export interface AnomalyDetectionState {
  readonly tenantId: string;
  readonly sensorId: string;
  /** Event time up to which seconds were taken. */
  readonly endUs: number;
  readonly phase: Learning | Watching;
  readonly interval: Interval | null;
}

interface Judged {
  readonly phase: Learning | Watching;
  readonly score: number;
  readonly explanation: readonly BandDeviation[];
}

const learn = (config: AnomalyConfig, phase: Learning, codes: Float32Array): Judged => {
  const stride = Math.ceil(config.warmUpS / MAX_KEPT);
  const seen = phase.seen + 1;
  const kept = phase.seen % stride === 0 ? [...phase.kept, Uint8Array.from(codes, Math.round)] : phase.kept;
  if (seen < config.warmUpS) return { phase: { kind: 'learning', seen, kept }, score: 0, explanation: [] };
  const baseline = learnBaseline(kept.map(profileOf));
  return { phase: { kind: 'watching', baseline, anomalous: false, onsetUs: 0, run: 0 }, score: 0, explanation: [] };
};

const explain = (baseline: Baseline, index: number, profile: Float32Array): readonly BandDeviation[] => {
  const state = baseline.states[index];
  if (state === undefined) return [];
  return [...bandDeviations(state, profile)]
    .sort((a, b) => b.sigmas - a.sigmas)
    .slice(0, 5)
    .map(({ band, deviationDb }) => ({ frequencyHz: bandFrequencyHz(band), deviationDb }));
};

const watch = (config: AnomalyConfig, phase: Watching, codes: Float32Array, timeUs: number): Judged => {
  const { baseline } = phase;
  const profile = profileOf(codes);
  const { index, score } = nearest(baseline.states, profile);
  const above = score > baseline.threshold;
  const explanation = above ? explain(baseline, index, profile) : [];
  if (phase.anomalous) {
    const run = above ? 0 : phase.run + 1;
    const over = run >= config.clearAfterS;
    return {
      phase: { ...phase, anomalous: !over, run: over ? 0 : run, onsetUs: over ? 0 : phase.onsetUs },
      score,
      explanation,
    };
  }
  if (above) {
    const run = phase.run + 1;
    const anomalous = run >= config.raiseAfterS;
    const onsetUs = phase.run === 0 ? timeUs : phase.onsetUs;
    return { phase: { ...phase, anomalous, run: anomalous ? 0 : run, onsetUs }, score, explanation };
  }
  // Only what is normal is learned from.
  const states = baseline.states.map((state, at) => (at === index ? adapt(state, profile, 1 / config.adaptS) : state));
  return { phase: { ...phase, baseline: { ...baseline, states }, run: 0, onsetUs: 0 }, score, explanation };
};

const stateOf = (phase: Learning | Watching): DetectorState =>
  phase.kind === 'learning' ? 'learning' : phase.anomalous ? 'anomalous' : 'normal';

const verdict = (config: AnomalyConfig, state: AnomalyDetectionState, interval: Interval): AnomalyVerdict => {
  const { tenantId, sensorId, phase } = state;
  const anomalous = phase.kind === 'watching' && phase.anomalous;
  return {
    id: `${tenantId}/${sensorId}/${DETECTOR_ID}/${interval.startUs}`,
    tenantId,
    sensorId,
    bootId: interval.bootId,
    timeUs: interval.startUs,
    durationMs: Math.round((interval.endUs - interval.startUs) / 1000),
    score: interval.score,
    threshold: phase.kind === 'watching' ? phase.baseline.threshold : 0,
    state: stateOf(phase),
    warmUp: phase.kind === 'watching' ? 1 : phase.seen / config.warmUpS,
    explanation: anomalous ? interval.explanation : [],
    detectorId: DETECTOR_ID,
    episodeOnsetUs: anomalous ? phase.onsetUs : 0,
    receivedTimeUs: interval.receivedTimeUs,
  };
};

/** What happens between here and the next second is not known: runs of seconds end, the state stays. */
const breakRuns = (phase: Learning | Watching): Learning | Watching =>
  phase.kind === 'learning' ? phase : { ...phase, run: 0, onsetUs: phase.anomalous ? phase.onsetUs : 0 };

type Advanced = readonly [AnomalyDetectionState, Outcome<AnomalyVerdict>];

const closeInterval = (
  config: AnomalyConfig,
  state: AnomalyDetectionState,
): readonly [AnomalyDetectionState, readonly AnomalyVerdict[]] =>
  state.interval === null ? [state, []] : [{ ...state, interval: null }, [verdict(config, state, state.interval)]];

const takeSecond = (
  config: AnomalyConfig,
  before: AnomalyDetectionState,
  second: HeardSecond,
  codes: Float32Array,
): readonly [AnomalyDetectionState, readonly AnomalyVerdict[]] => {
  const { timeUs } = second;
  const endUs = timeUs + second.frameCount * FRAME_MS * 1000;
  const judged =
    before.phase.kind === 'learning' ? learn(config, before.phase, codes) : watch(config, before.phase, codes, timeUs);
  const open = before.interval;
  const isWorst = open === null || judged.score > open.score;
  const interval: Interval = {
    bootId: open?.bootId ?? second.bootId,
    startUs: open?.startUs ?? timeUs,
    endUs,
    score: isWorst ? judged.score : open.score,
    explanation: isWorst ? judged.explanation : open.explanation,
    receivedTimeUs: second.receivedTimeUs,
  };
  const state: AnomalyDetectionState = {
    tenantId: second.tenantId,
    sensorId: second.sensorId,
    endUs,
    phase: judged.phase,
    interval,
  };
  const changed = stateOf(judged.phase) !== stateOf(before.phase);
  const full = endUs - interval.startUs >= config.intervalS * 1e6 - ROUNDING_US;
  return changed || full ? closeInterval(config, state) : [state, []];
};

const advance = (config: AnomalyConfig, state: AnomalyDetectionState, second: HeardSecond): Advanced => {
  const { timeUs, receivedTimeUs } = second;
  if (receivedTimeUs > 0 && timeUs > receivedTimeUs + FUTURE_US) return [state, drop('out-of-scope')];
  if (timeUs < state.endUs - TOLERANCE_US) return [state, drop('late')];
  if (second.discontinuity) {
    const [closed, verdicts] = closeInterval(config, state);
    return [{ ...closed, phase: breakRuns(closed.phase) }, emit(...verdicts)];
  }
  const follows = timeUs - state.endUs <= TOLERANCE_US;
  const usable = second.frameCount >= LEAST_FRAMES;
  const codes = usable ? meanCodes(second.logMel, second.frameCount) : new Float32Array(BANDS);
  const silent = codes.every((code) => code === 0);
  if (!usable || silent) return [state, drop(usable ? 'silent' : 'out-of-scope')];
  const [ready, left] = follows ? [state, []] : closeInterval(config, state);
  const continued = follows ? ready : { ...ready, phase: breakRuns(ready.phase) };
  const [after, verdicts] = takeSecond(config, continued, second, codes);
  return [after, emit(...left, ...verdicts)];
};

/**
 * Log-mel seconds of one sensor → how unusual it sounds. Learns up to four operating states in the warm-up, then scores each
 * second by its distance to the nearest one; what is flagged is never learned from. Seconds come in order of time; a partial
 * or digitally silent second is passed over.
 */
export const createDetectAnomalies = (
  config: AnomalyConfig,
): Stage<AnomalyDetectionState, HeardSecond, AnomalyVerdict> => ({
  init: () => ({
    tenantId: '',
    sensorId: '',
    endUs: 0,
    phase: { kind: 'learning', seen: 0, kept: [] },
    interval: null,
  }),
  step: (state, batch) => {
    let current = state;
    const outcomes = batch.map((second) => {
      const [next, outcome] = advance(config, current, second);
      current = next;
      return outcome;
    });
    return { state: current, outcomes };
  },
  flush: (state) => closeInterval(config, state)[1],
});
