/** Smoothing and hysteresis of one label. Probabilities 0..1. */
export interface LabelRule {
  /** Odd. A step counts with the median of so many steps around it; 1: as it is. Outside of the stream is probability 0. */
  readonly medianSteps: number;
  /** A step at or above it begins an event. */
  readonly onThreshold: number;
  /** A step below it ends the event. At most `onThreshold`. */
  readonly offThreshold: number;
  /** Events shorter than this are not reported; merged gaps count. */
  readonly minDurationS: number;
  /** Events of one label with less than this between them are one. An end is reported this much later. */
  readonly mergeGapS: number;
}

export interface DetectionRule extends LabelRule {
  readonly perLabel: Readonly<Record<string, Partial<LabelRule>>>;
}

export const ruleOfLabel = (rule: DetectionRule, label: string): LabelRule => {
  const { perLabel, ...general } = rule;
  return Object.hasOwn(perLabel, label) ? { ...general, ...perLabel[label] } : general;
};

export const defaultDetectionRule: DetectionRule = {
  medianSteps: 5,
  onThreshold: 0.5,
  offThreshold: 0.3,
  minDurationS: 0.3,
  mergeGapS: 0.3,
  perLabel: {},
};
