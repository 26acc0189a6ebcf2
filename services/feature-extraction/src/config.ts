import { defaultFeatureConfig } from '@earshot/core/features';
import { baseConfig } from '@earshot/nest/config';
import { z } from 'zod';

export const featureExtractionConfig = baseConfig.extend({
  /** Most frames of a sensor that wait for a missing one before them. */
  REORDER_FRAMES: z.coerce.number().int().min(1).max(64).default(defaultFeatureConfig.reorderFrames),
  /** Most sound of a sensor that waits for a missing frame, ms of event time. */
  REORDER_MS: z.coerce.number().int().min(1000).max(60_000).default(defaultFeatureConfig.reorderMs),
  /** Frames of the slow lane (old sound, sensors that send too fast) that an instance takes a second. */
  BACKFILL_FRAMES_PER_S: z.coerce.number().min(1).max(100_000).default(200),
});

export type FeatureExtractionConfig = z.infer<typeof featureExtractionConfig>;
