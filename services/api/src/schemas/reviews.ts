import { labelFault, verdicts } from '@earshot/core/reviews';
import { z } from 'zod';

import { sensorId, timeInput } from '../query/parameters.js';
import { components, time } from './parts.js';
import { soundEvent } from './sound.js';

const reviewedLabel = z.string().superRefine((text, context) => {
  const fault = labelFault(text);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: `expected ${fault}` });
});
const words = {
  reviewer: z.string().trim().min(1).max(200).optional().describe('who says so; default: the id of the API key'),
  note: z.string().max(2_000).default(''),
};

export const reviewBody = z
  .strictObject({
    verdict: z.enum(['right', 'wrong', 'other_label']),
    label: reviewedLabel.optional().describe('what it was; with other_label only'),
    onset: timeInput.nullish().describe('where it really began; null: as the event says'),
    offset: timeInput.nullish().describe('where it really ended; null: as the event says'),
    ...words,
  })
  .superRefine(({ verdict, label }, context) => {
    if (verdict === 'other_label' && label === undefined)
      context.addIssue({ code: 'custom', path: ['label'], message: 'verdict other_label needs it: what was it?' });
    if (verdict !== 'other_label' && label !== undefined)
      context.addIssue({ code: 'custom', path: ['label'], message: `goes with verdict other_label, not ${verdict}` });
  })
  .register(components, {
    id: 'ReviewBody',
    examples: [{ verdict: 'other_label', label: 'rooster', note: 'the one next door' }, { verdict: 'right' }],
  });

export const missedBody = z
  .strictObject({ sensorId, label: reviewedLabel, onset: timeInput, offset: timeInput, ...words })
  .register(components, {
    id: 'MissedBody',
    examples: [
      { sensorId: 'gate-1', label: 'dog', onset: '2026-11-22T10:03:00.000Z', offset: '2026-11-22T10:03:02.500Z' },
    ],
  });

const keptClip = z.object({ from: time, durationS: z.number(), sampleRateHz: z.int(), coveredS: z.number() });

const reviewFields = {
  eventId: z.string(),
  sensorId: z.string(),
  verdict: z.enum(verdicts),
  label: z.string().nullable().describe('what it was; null for wrong ones'),
  onset: time,
  offset: time,
  event: z
    .object({
      label: z.string(),
      onset: time,
      offset: time,
      confidence: z.number(),
      modelId: z.string(),
      modelVersion: z.string(),
    })
    .nullable()
    .describe('as it stood when it was reviewed; null: no event told of it (missed)'),
  reviewer: z.string(),
  note: z.string(),
  reviewedAt: time,
  version: z.int(),
  clip: keptClip.nullable().describe('null: the sound was not kept'),
};

const example = {
  eventId: 'demo/gate-1/b-17/dog/4700',
  sensorId: 'gate-1',
  verdict: 'other_label' as const,
  label: 'rooster',
  onset: '2026-11-22T10:00:00.250Z',
  offset: '2026-11-22T10:00:02.750Z',
  event: {
    label: 'dog',
    onset: '2026-11-22T10:00:00.250Z',
    offset: '2026-11-22T10:00:02.750Z',
    confidence: 0.97,
    modelId: 'esc10-cnn',
    modelVersion: '1',
  },
  reviewer: 'ada',
  note: '',
  reviewedAt: '2026-11-22T10:05:00.000Z',
  version: 1,
  clip: { from: '2026-11-22T09:59:58.250Z', durationS: 6.5, sampleRateHz: 32_000, coveredS: 6.5 },
};

export const review = z.object(reviewFields).register(components, { id: 'Review', examples: [example] });

export const savedReview = z
  .object({ ...reviewFields, clipMissing: z.string().nullable().describe('why clip is null; else null') })
  .register(components, { id: 'SavedReview', examples: [{ ...example, clipMissing: null }] });

/** In lists of events. */
export const reviewMark = z
  .object({ verdict: z.enum(verdicts), label: z.string().nullable(), reviewer: z.string() })
  .nullable();

export const reviewedEvent = z
  .object({ ...soundEvent.shape, review: reviewMark })
  .register(components, { id: 'ReviewedEvent' });

export const queueItem = z.object({
  event: soundEvent,
  threshold: z.number().describe('at which the model opens an event of this label'),
  score: z.number(),
  uncertainty: z.number(),
  need: z.number(),
  novelty: z.number(),
});

const share = z.number().nullable();

export const labelSummary = z.object({
  label: z.string().describe('what events claimed; for missed: what it was'),
  right: z.int(),
  wrong: z.int(),
  otherLabel: z.int(),
  missed: z.int(),
  precision: share.describe('right / (right + wrong + otherLabel); null without any'),
  precisionLow: share.describe('95 % interval (Wilson)'),
  precisionHigh: share,
});

export type ReviewJson = z.infer<typeof review>;
export type ReviewMarkJson = z.infer<typeof reviewMark>;
export type ReviewBody = z.infer<typeof reviewBody>;
export type MissedBody = z.infer<typeof missedBody>;
