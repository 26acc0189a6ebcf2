import { EventReview, missedEventId, ReviewVerdict, topicName } from '@earshot/contracts';
import type { RecordProducer } from '@earshot/platform/kafka';
import { KeyedQueue } from '../registry/keyed-queue.js';
import { done, refuse, type Result } from '../registry/result.js';
import { reviewProblems } from './review-validation.js';

export interface ReviewStoreDeps {
  readonly producer: RecordProducer;
  readonly namespace: string;
  /** Microseconds since the Unix epoch. */
  readonly nowUs: () => number;
  isRegistered(tenantId: string, sensorId: string): boolean;
}

const keyOf = (tenantId: string, eventId: string): string => `${tenantId}/${eventId}`;

/** What a person said, and the clip, without the event's state, time and version. */
const saidIn = (review: EventReview): string =>
  JSON.stringify([
    review.sensorId,
    review.verdict,
    review.label,
    review.onsetUs ?? null,
    review.offsetUs ?? null,
    review.reviewer,
    review.note,
    review.clip ?? null,
  ]);

/** The label that goes with a verdict. */
const labelOf = ({ verdict, label, event }: EventReview): string => {
  if (verdict === ReviewVerdict.REVIEW_VERDICT_RIGHT) return event?.label ?? '';
  return verdict === ReviewVerdict.REVIEW_VERDICT_WRONG ? '' : label;
};

/**
 * The reviews of all tenants. reviews.v1 (compacted) is the system of record, this is its only writer: versions are counted here. A
 * review that was withdrawn stays as such, so that versions go on growing should the event be reviewed again.
 */
export class ReviewStore {
  private readonly table = new Map<string, EventReview>();
  private readonly writes = new KeyedQueue();

  constructor(private readonly deps: ReviewStoreDeps) {}

  /** Takes in what stands in the topic. */
  apply(key: string, review: EventReview | undefined): void {
    if (review === undefined) this.table.delete(key);
    else if ((this.table.get(key)?.version ?? 0) <= review.version) this.table.set(key, review);
  }

  /** Reviews and those that were withdrawn. */
  get size(): number {
    return this.table.size;
  }

  get(tenantId: string, eventId: string): Result<EventReview> {
    const review = this.table.get(keyOf(tenantId, eventId));
    return review === undefined || review.verdict === ReviewVerdict.REVIEW_VERDICT_WITHDRAWN
      ? refuse('NOT_FOUND', `Event ${JSON.stringify(eventId)} has no review`)
      : done(review);
  }

  /** The same words on the same event again: answered as it is, nothing is written. */
  put(wanted: EventReview): Promise<Result<EventReview>> {
    const problems = reviewProblems(wanted);
    if (problems.length > 0) return Promise.resolve(refuse('INVALID_ARGUMENT', problems.join('; ')));
    const isMissed = wanted.verdict === ReviewVerdict.REVIEW_VERDICT_MISSED;
    // An event comes from a sensor that was registered; what a person tells need not.
    if (isMissed && !this.deps.isRegistered(wanted.tenantId, wanted.sensorId))
      return Promise.resolve(refuse('NOT_FOUND', `sensor ${wanted.sensorId} is not registered`));
    const eventId = isMissed ? missedEventId(wanted.sensorId, wanted.label, wanted.onsetUs ?? 0) : wanted.eventId;
    const review: EventReview = { ...wanted, eventId, label: labelOf(wanted) };
    return this.writes.run(keyOf(review.tenantId, eventId), async () => {
      const before = this.table.get(keyOf(review.tenantId, eventId));
      if (before !== undefined && saidIn(before) === saidIn(review)) return done(before);
      return done(await this.write(review, before));
    });
  }

  /** Leaves neither label nor note nor clip. Answers the one that was there. */
  withdraw(tenantId: string, eventId: string, reviewer: string): Promise<Result<EventReview>> {
    return this.writes.run(keyOf(tenantId, eventId), async () => {
      const found = this.get(tenantId, eventId);
      if (!found.ok) return found;
      const verdict = ReviewVerdict.REVIEW_VERDICT_WITHDRAWN;
      await this.write({ ...found.value, verdict, label: '', note: '', reviewer, clip: undefined }, found.value);
      return found;
    });
  }

  private async write(review: EventReview, before: EventReview | undefined): Promise<EventReview> {
    const { namespace, producer, nowUs } = this.deps;
    const next: EventReview = { ...review, reviewedUs: nowUs(), version: (before?.version ?? 0) + 1 };
    const key = keyOf(next.tenantId, next.eventId);
    await producer.send([{ topic: topicName('reviews', namespace), key, value: EventReview.encode(next).finish() }]);
    this.apply(key, next);
    return next;
  }
}
