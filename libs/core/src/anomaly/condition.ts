import type { AnomalyConfig, Condition } from './types.js';

/** Share of the threshold from which on a sensor is watched, and nothing is learned. */
export const WATCH_SHARE = 0.8;
/** From so many times the threshold on an anomaly is severe. */
export const SEVERE_RATIO = 2;

/** Seconds in a row: above the threshold (below it while anomalous), at 0.8 of it or more, at twice of it or more. */
export interface Runs {
  readonly anomalous: boolean;
  /** Since the episode began: it was severe for long enough. */
  readonly dangerous: boolean;
  /** Onset of the episode, or of the run above the threshold that may become one; 0: neither. */
  readonly onsetUs: number;
  readonly run: number;
  readonly watched: number;
  readonly severe: number;
}

export const calm: Runs = { anomalous: false, dangerous: false, onsetUs: 0, run: 0, watched: 0, severe: 0 };

/** Takes one more second. `ratio`: score / threshold. */
export const advanceRuns = (config: AnomalyConfig, before: Runs, ratio: number, timeUs: number): Runs => {
  const above = ratio > 1;
  const watched = ratio >= WATCH_SHARE ? before.watched + 1 : 0;
  const severe = ratio >= SEVERE_RATIO ? before.severe + 1 : 0;
  const severeEnough = severe >= config.dangerAfterS;
  if (before.anomalous) {
    const run = above ? 0 : before.run + 1;
    if (run >= config.clearAfterS) return { ...calm, watched };
    return { ...before, run, watched, severe, dangerous: before.dangerous || severeEnough };
  }
  if (!above) return { ...calm, watched };
  const run = before.run + 1;
  const onsetUs = before.run === 0 ? timeUs : before.onsetUs;
  const anomalous = run >= config.raiseAfterS;
  return { anomalous, dangerous: anomalous && severeEnough, onsetUs, run: anomalous ? 0 : run, watched, severe };
};

/** What happens between here and the next second is not known: runs end, the state stays. */
export const breakRuns = (runs: Runs): Runs => (runs.anomalous ? { ...runs, run: 0, watched: 0, severe: 0 } : calm);

/**
 * Like the zones of ISO 20816, of the sensor's own normal: acceptable; monitor (0.8 of the threshold or more for as long as it takes to raise);
 * alarm (anomalous); danger (in this episode twice the threshold for `dangerAfterS`).
 */
export const conditionOf = (config: AnomalyConfig, runs: Runs): Condition => {
  if (runs.dangerous) return 'danger';
  if (runs.anomalous) return 'alarm';
  return runs.watched >= config.raiseAfterS ? 'monitor' : 'acceptable';
};
