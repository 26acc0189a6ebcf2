import type { Model } from '@earshot/contracts';
import { z } from 'zod';

const probability = z.number().min(0).max(1);
/** The part of a manifest that says when an event opens. */
const manifest = z.object({
  detection: z.object({
    onThreshold: probability,
    perLabel: z.record(z.string(), z.object({ onThreshold: probability.optional() })).default({}),
  }),
});

/** Of a model that says nothing, or is no longer known. */
export const UNKNOWN_THRESHOLD = 0.5;

export type ThresholdOf = (modelId: string, modelVersion: string, label: string) => number;

/** At what probability a model opens an event of a label, by its manifest; settings of event-detection are not seen here. */
export const createThresholdOf = (models: readonly Model[]): ThresholdOf => {
  const known = new Map(
    models.flatMap((model) => {
      const detection = detectionOf(model.manifestJson);
      return detection === undefined ? [] : [[`${model.modelId}@${model.version}`, detection] as const];
    }),
  );
  return (modelId, modelVersion, label) => {
    const detection = known.get(`${modelId}@${modelVersion}`);
    return detection?.perLabel[label]?.onThreshold ?? detection?.onThreshold ?? UNKNOWN_THRESHOLD;
  };
};

const detectionOf = (text: string): z.output<typeof manifest>['detection'] | undefined => {
  try {
    return manifest.parse(JSON.parse(text)).detection;
  } catch {
    return undefined;
  }
};
