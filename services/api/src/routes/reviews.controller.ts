import { Controller, Inject } from '@nestjs/common';
import type { EventReview, ReviewsServiceClient } from '@earshot/contracts';
import { clipSpanOf } from '@earshot/core/clips';
import { precisionOf, rankQueue, type Candidate } from '@earshot/core/reviews';
import type { ClickHouse } from '@earshot/platform/clickhouse';
import { GrpcError, grpcStatus } from '@earshot/platform/grpc';

import type { ClipKeeper } from '../clips/clip-keeper.js';
import { endpoints } from '../endpoints.js';
import type { InputOf } from '../http/endpoint.js';
import { ApiError } from '../http/errors.js';
import { Input, Serves } from '../http/serves.js';
import { call } from '../peers/call.js';
import { present } from '../peers/registry-json.js';
import type { KnownThings } from '../peers/registry-view.js';
import { missedToPut, reviewJson, reviewToPut } from '../peers/review-json.js';
import { listRangeOf } from '../query/range.js';
import { isoOf, microsOf } from '../query/time.js';
import { createThresholdOf } from '../reviews/thresholds.js';
import { pageRequestOf } from '../store/pages.js';
import { findEvent, readReviews, readUnreviewed, readVerdictCounts, tallyOf } from '../store/reviews.js';
import { CLICKHOUSE, CLIP_KEEPER, REGISTRY_VIEW, REVIEWS } from '../tokens.js';
import { CLIP_CONTEXT } from './clips.controller.js';

const nowUs = (): number => Date.now() * 1000;
const LIST_HOURS = 30 * 24;
/** The audio topic's: an event that can't be heard any more is hard to judge. */
const QUEUE_HOURS = 2;
/** Needs are counted over so long. */
const TALLY_HOURS = 365 * 24;
const MOST_CANDIDATES = 2_000;

interface Ranking extends Candidate {
  readonly event: Awaited<ReturnType<typeof readUnreviewed>>['events'][number];
}

/** What people said of events: written by fleet, listed from ClickHouse. */
@Controller('v1')
export class ReviewsController {
  constructor(
    @Inject(CLICKHOUSE) private readonly clickhouse: ClickHouse,
    @Inject(REVIEWS) private readonly reviews: ReviewsServiceClient,
    @Inject(CLIP_KEEPER) private readonly clips: ClipKeeper,
    @Inject(REGISTRY_VIEW) private readonly known: KnownThings,
  ) {}

  @Serves(endpoints.getReview)
  async get(@Input() { tenantId, parameters }: InputOf<typeof endpoints.getReview>) {
    const { review } = await call(this.reviews, 'getReview', { tenantId, eventId: parameters.id });
    return reviewJson(present(review, 'review'));
  }

  @Serves(endpoints.putReview)
  async put(@Input() { tenantId, key, parameters, body }: InputOf<typeof endpoints.putReview>) {
    const event = await findEvent(this.clickhouse, tenantId, parameters.id);
    if (event === undefined) throw new ApiError('not_found', `there is no event ${parameters.id}`);
    return this.save(reviewToPut({ tenantId, reviewer: key.id }, event, body));
  }

  @Serves(endpoints.addMissed)
  async addMissed(@Input() { tenantId, key, body }: InputOf<typeof endpoints.addMissed>) {
    if (body.onset >= body.offset)
      throw new ApiError(
        'bad_request',
        `onset is ${isoOf(body.onset)}, offset ${isoOf(body.offset)}: expected onset before offset`,
      );
    if (body.onset > nowUs()) throw new ApiError('bad_request', `onset is ${isoOf(body.onset)}: that is still to come`);
    return this.save(missedToPut({ tenantId, reviewer: key.id }, body));
  }

  @Serves(endpoints.deleteReview)
  async delete(@Input() { tenantId, key, parameters }: InputOf<typeof endpoints.deleteReview>): Promise<void> {
    const eventId = parameters.id;
    const { review } = await call(this.reviews, 'withdrawReview', { tenantId, eventId, reviewer: key.id });
    if (review?.clip !== undefined) await this.clips.forget(review.clip.key);
  }

  @Serves(endpoints.listReviews)
  async list(@Input() { tenantId, query }: InputOf<typeof endpoints.listReviews>) {
    const request = pageRequestOf('reviews', query, () => listRangeOf(query, nowUs(), LIST_HOURS));
    const found = await readReviews(this.clickhouse, tenantId, request, query);
    return { from: isoOf(request.fromUs), to: isoOf(request.toUs), ...found };
  }

  @Serves(endpoints.reviewQueue)
  async queue(@Input() { tenantId, query }: InputOf<typeof endpoints.reviewQueue>) {
    const now = nowUs();
    const range = listRangeOf(query, now, QUEUE_HOURS);
    const [{ events, total }, counts] = await Promise.all([
      readUnreviewed(this.clickhouse, tenantId, range, query, MOST_CANDIDATES),
      readVerdictCounts(this.clickhouse, tenantId, listRangeOf({ to: now + 1 }, now, TALLY_HOURS), undefined),
    ]);
    const thresholdOf = createThresholdOf(this.known.models(tenantId));
    const candidates = events.map((event): Ranking => {
      const { id, sensorId, label, confidence, onset } = event;
      const threshold = thresholdOf(event.modelId, event.modelVersion, label);
      return { id, sensorId, label, confidence, threshold, onsetUs: microsOf(onset) ?? 0, event };
    });
    const items = rankQueue(candidates, counts.map(tallyOf), query.limit).map(({ candidate, ...parts }) => ({
      event: candidate.event,
      threshold: candidate.threshold,
      ...parts,
    }));
    return { from: isoOf(range.fromUs), to: isoOf(range.toUs), items, unreviewed: total };
  }

  @Serves(endpoints.reviewSummary)
  async summary(@Input() { tenantId, query }: InputOf<typeof endpoints.reviewSummary>) {
    const range = listRangeOf(query, nowUs(), LIST_HOURS);
    const counts = await readVerdictCounts(this.clickhouse, tenantId, range, query.sensorId);
    const labels = counts.map((count) => {
      const { precision, low, high } = precisionOf(count.right, count.wrong + count.otherLabel);
      return { ...count, precision, precisionLow: low, precisionHigh: high };
    });
    return { from: isoOf(range.fromUs), to: isoOf(range.toUs), labels };
  }

  /** The clip first: a review whose clip was lost would say of a clip that is not there. */
  private async save(wanted: EventReview) {
    const { tenantId, sensorId, eventId, event } = wanted;
    const before = await this.reviewOf(tenantId, eventId);
    const onsets = [event?.onsetUs, wanted.onsetUs].filter((one) => one !== undefined);
    const offsets = [event?.offsetUs, wanted.offsetUs].filter((one) => one !== undefined);
    const span = clipSpanOf({ fromUs: Math.min(...onsets), toUs: Math.max(...offsets) }, CLIP_CONTEXT);
    const keeping = await this.clips.keep({ tenantId, sensorId, eventId }, span, before?.clip);
    const clip = 'clip' in keeping ? keeping.clip : undefined;
    const { review } = await call(this.reviews, 'putReview', { review: { ...wanted, clip } });
    const old = before?.clip;
    if (old !== undefined && old.key !== clip?.key) await this.clips.forget(old.key);
    return { ...reviewJson(present(review, 'review')), clipMissing: 'missing' in keeping ? keeping.missing : null };
  }

  private async reviewOf(tenantId: string, eventId: string): Promise<EventReview | undefined> {
    try {
      return (await call(this.reviews, 'getReview', { tenantId, eventId })).review;
    } catch (error) {
      if (error instanceof GrpcError && error.code === grpcStatus.NOT_FOUND) return undefined;
      throw error;
    }
  }
}
