import { EventReview, missedEventId, ReviewVerdict, type ReviewedEvent } from '@earshot/contracts';
import type { Verdict } from '@earshot/core/reviews';
import { GrpcError, grpcStatus } from '@earshot/platform/grpc';

import { isoOf, microsOf } from '../query/time.js';
import type { MissedBody, ReviewBody, ReviewJson } from '../schemas/reviews.js';
import type { SoundEventJson } from '../schemas/sound.js';

const names: Readonly<Partial<Record<ReviewVerdict, Verdict>>> = {
  [ReviewVerdict.REVIEW_VERDICT_RIGHT]: 'right',
  [ReviewVerdict.REVIEW_VERDICT_WRONG]: 'wrong',
  [ReviewVerdict.REVIEW_VERDICT_OTHER_LABEL]: 'other_label',
  [ReviewVerdict.REVIEW_VERDICT_MISSED]: 'missed',
};
const verdictOf = {
  right: ReviewVerdict.REVIEW_VERDICT_RIGHT,
  wrong: ReviewVerdict.REVIEW_VERDICT_WRONG,
  other_label: ReviewVerdict.REVIEW_VERDICT_OTHER_LABEL,
} as const;

export const reviewJson = (review: EventReview): ReviewJson => {
  const { event, clip } = review;
  const verdict = names[review.verdict];
  if (verdict === undefined) throw new GrpcError(grpcStatus.INTERNAL, `the answer holds the verdict ${review.verdict}`);
  return {
    eventId: review.eventId,
    sensorId: review.sensorId,
    verdict,
    label: review.label === '' ? null : review.label,
    onset: isoOf(review.onsetUs ?? event?.onsetUs ?? 0),
    offset: isoOf(review.offsetUs ?? event?.offsetUs ?? 0),
    event:
      event === undefined
        ? null
        : {
            label: event.label,
            onset: isoOf(event.onsetUs),
            offset: isoOf(event.offsetUs),
            // A 32-bit float, in the digits that it has: as the table gives it.
            confidence: Number(event.confidence.toPrecision(7)),
            modelId: event.modelId,
            modelVersion: event.modelVersion,
          },
    reviewer: review.reviewer,
    note: review.note,
    reviewedAt: isoOf(review.reviewedUs),
    version: review.version,
    clip:
      clip === undefined
        ? null
        : {
            from: isoOf(clip.fromUs),
            durationS: clip.sampleCount / clip.sampleRateHz,
            sampleRateHz: clip.sampleRateHz,
            coveredS: clip.coveredSamples / clip.sampleRateHz,
          },
  };
};

/** The event as it stands, for a review to keep. */
const reviewedEventOf = (event: SoundEventJson): ReviewedEvent => ({
  label: event.label,
  onsetUs: microsOf(event.onset) ?? 0,
  offsetUs: microsOf(event.offset) ?? 0,
  confidence: event.confidence,
  modelId: event.modelId,
  modelVersion: event.modelVersion,
});

export interface Said {
  readonly tenantId: string;
  /** Who, when the body does not say. */
  readonly reviewer: string;
}

/** Without clip, time and version; so is `missedToPut`. */
export const reviewToPut = ({ tenantId, reviewer }: Said, event: SoundEventJson, body: ReviewBody): EventReview =>
  EventReview.fromPartial({
    ...{ tenantId, eventId: event.id, sensorId: event.sensorId },
    verdict: verdictOf[body.verdict],
    label: body.label ?? '',
    onsetUs: body.onset ?? undefined,
    offsetUs: body.offset ?? undefined,
    reviewer: body.reviewer ?? reviewer,
    note: body.note,
    event: reviewedEventOf(event),
  });

export const missedToPut = ({ tenantId, reviewer }: Said, body: MissedBody): EventReview =>
  EventReview.fromPartial({
    ...{ tenantId, sensorId: body.sensorId, label: body.label },
    eventId: missedEventId(body.sensorId, body.label, body.onset),
    verdict: ReviewVerdict.REVIEW_VERDICT_MISSED,
    onsetUs: body.onset,
    offsetUs: body.offset,
    reviewer: body.reviewer ?? reviewer,
    note: body.note,
  });
