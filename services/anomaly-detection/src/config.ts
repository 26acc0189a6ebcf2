import { baseConfig } from '@earshot/nest/config';
import { defaultAnomalyConfig, type AnomalyConfig } from '@earshot/core/anomaly';
import { z } from 'zod';

const seconds = (from: number, to: number) => z.coerce.number().int().min(from).max(to);

export const anomalyDetectionConfig = baseConfig
  .extend({
    /** Usable seconds that a sensor's baseline is learned from. */
    WARMUP_S: seconds(30, 86_400).default(defaultAnomalyConfig.warmUpS),
    /** One verdict per this many seconds, and one at once when the state changes. */
    INTERVAL_S: seconds(1, 300).default(defaultAnomalyConfig.intervalS),
    /** Seconds in a row above the threshold until anomalous. */
    RAISE_AFTER_S: seconds(1, 600).default(defaultAnomalyConfig.raiseAfterS),
    /** Seconds in a row below it until normal. */
    CLEAR_AFTER_S: seconds(1, 3_600).default(defaultAnomalyConfig.clearAfterS),
    /** Time constant with which the baseline follows slow drift. */
    ADAPT_S: seconds(60, 604_800).default(defaultAnomalyConfig.adaptS),
    /** So long a sensor is new, in event time: unusual sounds that recur are taken in as normal. */
    MATURE_S: seconds(0, 2_592_000).default(defaultAnomalyConfig.matureS),
    /** Seconds in a row at twice the threshold until the condition is danger. */
    DANGER_AFTER_S: seconds(1, 3_600).default(defaultAnomalyConfig.dangerAfterS),
  })
  .refine(({ ADAPT_S, WARMUP_S }) => ADAPT_S >= WARMUP_S, {
    path: ['ADAPT_S'],
    message: 'must not be shorter than WARMUP_S: the baseline would forget faster than it learns',
  });

export const anomalyConfigOf = (config: AnomalyDetectionConfig): AnomalyConfig => ({
  warmUpS: config.WARMUP_S,
  intervalS: config.INTERVAL_S,
  raiseAfterS: config.RAISE_AFTER_S,
  clearAfterS: config.CLEAR_AFTER_S,
  adaptS: config.ADAPT_S,
  matureS: config.MATURE_S,
  dangerAfterS: config.DANGER_AFTER_S,
});

export type AnomalyDetectionConfig = z.infer<typeof anomalyDetectionConfig>;
