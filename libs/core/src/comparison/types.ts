import type { AlertRule } from '../alerting/index.js';
import type { DetectionRule } from '../detection/index.js';

/** An event as a comparison tells it; microseconds since the Unix epoch. */
export interface ComparedEvent {
  readonly sensor: string;
  readonly label: string;
  readonly onsetUs: number;
  readonly offsetUs: number;
  readonly confidence: number;
}

export interface ComparedAlert {
  readonly sensor: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly raisedUs: number;
}

/** What two models have in common and what only one of them has. */
export interface Difference<T> {
  readonly same: number;
  readonly onlyA: readonly T[];
  readonly onlyB: readonly T[];
}

/** Of one label, over the time that both models scored. Shares are of 0..1. */
export interface LabelComparison {
  readonly label: string;
  /** Share of units (steps, windows) on which both say the same: at or above the threshold, or below. */
  readonly agreement: number;
  /** Units at or above the threshold by one of them only. */
  readonly onlyA: number;
  readonly onlyB: number;
  readonly meanAbsDifference: number;
}

/** How often a model finds a label. */
export interface LabelRate {
  readonly label: string;
  readonly count: number;
  readonly perHour: number;
  /** Share of the time at or above the threshold (of a classifier), or inside events (of a sequence model). */
  readonly timeShare: number;
}

export interface ModelSide {
  /** Seconds of sound that it scored, over all sensors. */
  readonly scoredS: number;
  readonly rates: readonly LabelRate[];
}

export interface Comparison {
  readonly sensors: number;
  /** Seconds that both scored: all that follows is about these. */
  readonly commonS: number;
  readonly a: ModelSide;
  readonly b: ModelSide;
  /** Share of units on which all labels agree. */
  readonly agreement: number;
  readonly labels: readonly LabelComparison[];
  /** null: classifiers make no events. */
  readonly events: Difference<ComparedEvent> | null;
  readonly alerts: Difference<ComparedAlert> | null;
}

export interface SequenceRules {
  readonly a: DetectionRule;
  readonly b: DetectionRule;
  /** As they are now; they count as if they always had been. */
  readonly alertRules: readonly AlertRule[];
}
