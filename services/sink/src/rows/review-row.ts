import { ReviewVerdict, type EventReview } from '@earshot/contracts';
import type { IncomingRecord } from '@earshot/platform/kafka';

import { commonColumns, dateTimeOf } from './fields.js';
import type { StoredRow } from './stored-row.js';

const verdicts: Readonly<Partial<Record<ReviewVerdict, string>>> = {
  [ReviewVerdict.REVIEW_VERDICT_RIGHT]: 'right',
  [ReviewVerdict.REVIEW_VERDICT_WRONG]: 'wrong',
  [ReviewVerdict.REVIEW_VERDICT_OTHER_LABEL]: 'other_label',
  [ReviewVerdict.REVIEW_VERDICT_MISSED]: 'missed',
  [ReviewVerdict.REVIEW_VERDICT_WITHDRAWN]: 'withdrawn',
};
export const verdictName = (verdict: ReviewVerdict): string | undefined => verdicts[verdict];

/** Of the event; of a missed one, as it was told. 0 where neither is there. */
export const reviewSpan = ({
  event,
  onsetUs,
  offsetUs,
}: EventReview): { readonly onsetUs: number; readonly offsetUs: number } => ({
  onsetUs: event?.onsetUs ?? onsetUs ?? 0,
  offsetUs: event?.offsetUs ?? offsetUs ?? 0,
});

/** Natural key (tenant, sensor, onset, event id), which the id alone decides; the higher version counts. */
export const reviewRow = (review: EventReview, record: IncomingRecord): StoredRow => {
  const common = commonColumns(record, review.reviewedUs, review.version);
  const { event, clip } = review;
  const { onsetUs, offsetUs } = reviewSpan(review);
  return {
    table: 'reviews_rows',
    naturalKey: JSON.stringify([review.tenantId, review.sensorId, onsetUs, review.eventId]),
    rowVersion: common.row_version,
    columns: {
      tenant_id: review.tenantId,
      sensor_id: review.sensorId,
      event_id: review.eventId,
      verdict: verdictName(review.verdict),
      label: review.label,
      claimed_label: event?.label ?? '',
      onset: dateTimeOf(onsetUs),
      offset: dateTimeOf(offsetUs),
      reviewed_onset: dateTimeOf(review.onsetUs ?? onsetUs),
      reviewed_offset: dateTimeOf(review.offsetUs ?? offsetUs),
      confidence: event?.confidence ?? null,
      model_id: event?.modelId ?? '',
      model_version: event?.modelVersion ?? '',
      reviewer: review.reviewer,
      note: review.note,
      reviewed_time: dateTimeOf(review.reviewedUs),
      clip_key: clip?.key ?? '',
      clip_time: clip === undefined ? null : dateTimeOf(clip.fromUs),
      clip_sample_rate_hz: clip?.sampleRateHz ?? 0,
      clip_samples: clip?.sampleCount ?? 0,
      clip_covered_samples: clip?.coveredSamples ?? 0,
      version: review.version,
      ...common,
    },
  };
};
