import { defaultDetectionRule } from '@earshot/core/detection';
import { baseConfig } from '@earshot/nest/config';
import { z } from 'zod';

const probability = z.coerce.number().gt(0).max(1);
const seconds = z.coerce.number().min(0).max(600);

/** `dog_bark=0.6/0.4,rain=0.7`: on threshold and, after a slash, off threshold per label. */
const labelThresholds = z
  .string()
  .default('')
  .transform((text, context) => {
    const found: Record<string, { onThreshold: number; offThreshold?: number }> = {};
    for (const part of text.split(',').map((each) => each.trim())) {
      if (part === '') continue;
      const match = /^([\w.-]+)=([\d.]+)(?:\/([\d.]+))?$/.exec(part);
      const [, label = '', on = '', off = on] = match ?? [];
      if (match === null || !(Number(on) > 0 && Number(on) <= 1) || !(Number(off) <= Number(on)))
        context.addIssue(`"${part}": expected label=on or label=on/off with 0 < off <= on <= 1`);
      else found[label] = { onThreshold: Number(on), ...(match[3] === undefined ? {} : { offThreshold: Number(off) }) };
    }
    return found;
  });

export const eventDetectionConfig = baseConfig
  .extend({
    /** Where set, these take the place of what the model's manifest recommends, for every label. */
    MEDIAN_STEPS: z.coerce
      .number()
      .int()
      .min(1)
      .max(101)
      .refine((steps) => steps % 2 === 1, 'expected an odd number')
      .optional(),
    ON_THRESHOLD: probability.optional(),
    OFF_THRESHOLD: probability.optional(),
    MIN_DURATION_S: seconds.optional(),
    MERGE_GAP_S: seconds.optional(),
    /** Where set, these come before everything else, for their label. */
    LABEL_THRESHOLDS: labelThresholds,
    /** An open event is reported again at most this often, seconds of event time. */
    UPDATE_EVERY_S: z.coerce.number().min(1).max(3600).default(5),
    /** No event begins in a second that does not exceed this level, dB; unset: only in one without any energy. */
    FLOOR_DB: z.coerce.number().min(-200).max(200).optional(),
  })
  .superRefine(({ ON_THRESHOLD, OFF_THRESHOLD }, context) => {
    const on = ON_THRESHOLD ?? 1;
    if (OFF_THRESHOLD !== undefined && OFF_THRESHOLD > on)
      context.addIssue({ code: 'custom', path: ['OFF_THRESHOLD'], message: `above ON_THRESHOLD (${on})` });
  });

export type EventDetectionConfig = z.infer<typeof eventDetectionConfig>;

/** For a model that the models topic knows nothing of. */
export const unknownModelRule = defaultDetectionRule;
