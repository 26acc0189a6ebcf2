import { drop, emit, type Outcome, type Stage } from '../stage/index.js';
import { conditionOf } from './condition.js';
import { embed, isSilent } from './embedding.js';
import { endRuns, isLearning, listen, maturityOf, newListener, thresholdOf, type Listener } from './listener.js';
import type { MachineFinding } from './machine-baseline.js';
import type { AnomalyConfig, AnomalyVerdict, BandDeviation, DetectorState, HeardSecond } from './types.js';

export const DETECTOR_ID = 'logmel-subspace-v2';

/** A second with fewer frames was cut by a gap: neither judged nor learned from. A whole one has 47 to 50. */
const LEAST_FRAMES = 40;
const FRAME_MS = 20;
const TOLERANCE_US = 0.5e6;
/** A second further ahead of its reception than this comes from a wrong clock. */
const FUTURE_US = 600e6;
const ROUNDING_US = 1e3;

/** The scoring interval under way. */
interface OpenInterval {
  readonly bootId: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly score: number;
  readonly worstTimeUs: number;
  readonly explanation: readonly BandDeviation[];
  readonly findings: readonly MachineFinding[];
  readonly shaftHz: number;
  readonly receivedTimeUs: number;
}

/** State of one sensor: under 20 kB. */
export interface AnomalyDetectionState {
  readonly tenantId: string;
  readonly sensorId: string;
  /** Event time up to which seconds were taken. */
  readonly endUs: number;
  readonly listener: Listener;
  readonly open: OpenInterval | null;
  /** What the detector before this one (layout 1) reads after a rollback: it then learns anew. */
  readonly phase: { readonly kind: 'learning'; readonly seen: 0; readonly kept: readonly never[] };
  readonly interval: null;
}

const stateOf = (listener: Listener): DetectorState =>
  isLearning(listener) ? 'learning' : listener.runs.anomalous ? 'anomalous' : 'normal';

const verdict = (config: AnomalyConfig, state: AnomalyDetectionState, open: OpenInterval): AnomalyVerdict => {
  const { tenantId, sensorId, listener } = state;
  const learning = isLearning(listener);
  const { anomalous, onsetUs } = listener.runs;
  return {
    id: `${tenantId}/${sensorId}/${DETECTOR_ID}/${open.startUs}`,
    tenantId,
    sensorId,
    bootId: open.bootId,
    timeUs: open.startUs,
    durationMs: Math.round((open.endUs - open.startUs) / 1000),
    score: open.score,
    threshold: learning ? 0 : thresholdOf(listener),
    state: stateOf(listener),
    warmUp: Math.min(1, listener.seen / listener.warmUpS),
    explanation: anomalous ? open.explanation : [],
    detectorId: DETECTOR_ID,
    episodeOnsetUs: anomalous ? onsetUs : 0,
    receivedTimeUs: open.receivedTimeUs,
    condition: learning ? 'acceptable' : conditionOf(config, listener.runs),
    worstTimeUs: open.score > 0 ? open.worstTimeUs : 0,
    maturity: maturityOf(listener, config, open.endUs),
    findings: open.findings,
    shaftHz: open.shaftHz,
  };
};

type Taken = readonly [AnomalyDetectionState, readonly AnomalyVerdict[]];

const closeInterval = (config: AnomalyConfig, state: AnomalyDetectionState): Taken =>
  state.open === null ? [state, []] : [{ ...state, open: null }, [verdict(config, state, state.open)]];

const takeSecond = (config: AnomalyConfig, before: AnomalyDetectionState, second: HeardSecond): Taken => {
  const { timeUs } = second;
  const endUs = timeUs + second.frameCount * FRAME_MS * 1000;
  const { listener, score, explanation, findings } = listen(
    config,
    before.listener,
    second,
    embed(second.logMel, second.frameCount),
  );
  const changed = stateOf(listener) !== stateOf(before.listener);
  const { open } = before;
  const isWorst = open === null || score > open.score;
  const interval: OpenInterval = {
    bootId: open?.bootId ?? second.bootId,
    startUs: open?.startUs ?? timeUs,
    endUs,
    score: isWorst ? score : open.score,
    worstTimeUs: isWorst ? timeUs : open.worstTimeUs,
    explanation: isWorst ? explanation : open.explanation,
    findings: isWorst ? findings : open.findings,
    shaftHz: isWorst ? (second.machine?.shaftHz ?? 0) : open.shaftHz,
    receivedTimeUs: second.receivedTimeUs,
  };
  const { tenantId, sensorId } = second;
  const state: AnomalyDetectionState = { ...before, tenantId, sensorId, endUs, listener, open: interval };
  const full = endUs - interval.startUs >= config.intervalS * 1e6 - ROUNDING_US;
  return changed || full ? closeInterval(config, state) : [state, []];
};

type Advanced = readonly [AnomalyDetectionState, Outcome<AnomalyVerdict>];

const advance = (config: AnomalyConfig, state: AnomalyDetectionState, second: HeardSecond): Advanced => {
  const { timeUs, receivedTimeUs, frameCount, logMel } = second;
  if (receivedTimeUs > 0 && timeUs > receivedTimeUs + FUTURE_US) return [state, drop('out-of-scope')];
  if (timeUs < state.endUs - TOLERANCE_US) return [state, drop('late')];
  if (second.discontinuity) {
    const [closed, verdicts] = closeInterval(config, state);
    return [{ ...closed, listener: endRuns(closed.listener) }, emit(...verdicts)];
  }
  if (frameCount < LEAST_FRAMES) return [state, drop('out-of-scope')];
  if (isSilent(logMel)) return [state, drop('silent')];
  if (timeUs - state.endUs <= TOLERANCE_US) {
    const [after, verdicts] = takeSecond(config, state, second);
    return [after, emit(...verdicts)];
  }
  const [closed, left] = closeInterval(config, state);
  const [after, verdicts] = takeSecond(config, { ...closed, listener: endRuns(closed.listener) }, second);
  return [after, emit(...left, ...verdicts)];
};

export const initialState = (config: AnomalyConfig): AnomalyDetectionState => ({
  tenantId: '',
  sensorId: '',
  endUs: 0,
  listener: newListener(config.warmUpS),
  open: null,
  phase: { kind: 'learning', seen: 0, kept: [] },
  interval: null,
});

/**
 * Log-mel seconds of one sensor → how unusual it sounds. In the warm-up everything is learned from; then each second is scored by how far it lies
 * from what is normal, and only what is normal beyond doubt is learned from. Seconds come in order of time; a partial or digitally silent
 * second is passed over. A wish to learn anew takes effect with the first second at or after its time.
 */
export const createDetectAnomalies = (
  config: AnomalyConfig,
): Stage<AnomalyDetectionState, HeardSecond, AnomalyVerdict> => ({
  init: () => initialState(config),
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
