import type { Model } from '@earshot/contracts';
import type { DetectionRule, LabelRule } from '@earshot/core/detection';
import { z } from 'zod';
import { unknownModelRule, type EventDetectionConfig } from './config.js';

const probability = z.number().min(0).max(1);
const seconds = z.number().min(0);
const [onThreshold, offThreshold, minDurationS, mergeGapS] = [probability, probability, seconds, seconds];
const labelOverride = z.object({
  onThreshold: onThreshold.exactOptional(),
  offThreshold: offThreshold.exactOptional(),
  minDurationS: minDurationS.exactOptional(),
  mergeGapS: mergeGapS.exactOptional(),
});
/** The part of a manifest that this service reads. */
const manifestRule = z.object({
  detection: z.object({
    ...{ onThreshold, offThreshold, minDurationS, mergeGapS },
    perLabel: z.record(z.string(), labelOverride).default({}),
  }),
});

type Rules = Pick<
  EventDetectionConfig,
  'ON_THRESHOLD' | 'OFF_THRESHOLD' | 'MIN_DURATION_S' | 'MERGE_GAP_S' | 'LABEL_THRESHOLDS'
>;

/** What the model's manifest recommends; undefined: nothing that can be used. */
export const recommendedRule = (model: Model): DetectionRule | undefined => {
  try {
    return manifestRule.parse(JSON.parse(model.manifestJson)).detection;
  } catch {
    return undefined;
  }
};

/** Settings over what the model recommends. */
export const withSettings = (recommended: DetectionRule, settings: Rules): DetectionRule => {
  const general = defined({
    onThreshold: settings.ON_THRESHOLD,
    offThreshold: settings.OFF_THRESHOLD,
    minDurationS: settings.MIN_DURATION_S,
    mergeGapS: settings.MERGE_GAP_S,
  });
  const labels = new Set([...Object.keys(recommended.perLabel), ...Object.keys(settings.LABEL_THRESHOLDS)]);
  const perLabel = [...labels].map((label) => [
    label,
    { ...recommended.perLabel[label], ...general, ...settings.LABEL_THRESHOLDS[label] },
  ]);
  return { ...recommended, ...general, perLabel: Object.fromEntries(perLabel) as DetectionRule['perLabel'] };
};

const defined = (rule: { [K in keyof LabelRule]?: LabelRule[K] | undefined }): Partial<LabelRule> =>
  Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));

/**
 * The rule for windows of a model: of the very version that scored them, whenever it is or was in force, so that a
 * replay finds the same events. models: what the models topic holds for a model id now.
 */
export const createRuleFor = (models: (modelId: string) => Model | undefined, settings: Rules) => {
  const made = new WeakMap<Model, DetectionRule>();
  const fallback = withSettings(unknownModelRule, settings);
  return (modelId: string, modelVersion: string): DetectionRule => {
    const model = models(modelId);
    if (model?.version !== modelVersion) return fallback;
    const known = made.get(model);
    if (known !== undefined) return known;
    const rule = withSettings(recommendedRule(model) ?? unknownModelRule, settings);
    made.set(model, rule);
    return rule;
  };
};
