import type { Model } from '@earshot/contracts';
import type { DetectionRule, LabelRule } from '@earshot/core/detection';
import { detectionRule } from '@earshot/platform/onnx';
import { z } from 'zod';
import { unknownModelRule, type EventDetectionConfig } from './config.js';

/** The part of a manifest that this service reads. */
const manifestRule = z.object({ detection: detectionRule });

type Rules = Pick<
  EventDetectionConfig,
  'MEDIAN_STEPS' | 'ON_THRESHOLD' | 'OFF_THRESHOLD' | 'MIN_DURATION_S' | 'MERGE_GAP_S' | 'LABEL_THRESHOLDS'
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
    medianSteps: settings.MEDIAN_STEPS,
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

/** Models serve all tenants. A version that was the only one of its id stands, in older installations, under the id alone. */
const keysOf = (modelId: string, modelVersion: string): readonly string[] => [
  `_/${modelId}@${modelVersion}`,
  `_/${modelId}`,
];

/**
 * The rule for steps of a model: of the very version that told them, whenever it is or was in force, so that a replay
 * finds the same events. models: what the models topic holds under a key now.
 */
export const createRuleFor = (models: (key: string) => Model | undefined, settings: Rules) => {
  const made = new WeakMap<Model, DetectionRule>();
  const fallback = withSettings(unknownModelRule, settings);
  return (modelId: string, modelVersion: string): DetectionRule => {
    const model = keysOf(modelId, modelVersion)
      .map((key) => models(key))
      .find((one) => one?.version === modelVersion);
    if (model === undefined) return fallback;
    const known = made.get(model);
    if (known !== undefined) return known;
    const rule = withSettings(recommendedRule(model) ?? unknownModelRule, settings);
    made.set(model, rule);
    return rule;
  };
};
