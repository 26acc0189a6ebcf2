import { exportFormats, verdicts } from '@earshot/core/reviews';
import { z } from 'zod';

import type { Endpoint } from './http/endpoint.js';
import { cursorParameter, label, limitParameter, orderParameter, sensorId, timeParameter } from './query/parameters.js';
import { page, time } from './schemas/parts.js';
import { labelSummary, missedBody, queueItem, review, reviewBody, savedReview } from './schemas/reviews.js';

const none = z.strictObject({});
const eventId = z.object({ id: z.string().min(1).max(400) });
const range = { from: timeParameter, to: timeParameter };
const filters = { sensorId: sensorId.optional(), ...range, label: label.optional() };
const span = { from: time, to: time };

/** What people said of events, the sound of events, and what to review next. */
export const reviewEndpoints = {
  getClip: {
    method: 'GET',
    path: 'events/:id/clip',
    summary: 'The sound of an event, or of what was missed, with context; at most a minute',
    tag: 'Reviews',
    access: 'read',
    parameters: eventId,
    query: z.strictObject({
      contextS: z.coerce.number({ error: 'expected seconds from 0 to 10' }).min(0).max(10).optional(),
    }),
    status: 200,
    response: 'wav',
    failures: [404, 410],
  },
  getReview: {
    method: 'GET',
    path: 'events/:id/review',
    summary: 'What was said of an event',
    tag: 'Reviews',
    access: 'read',
    parameters: eventId,
    query: none,
    status: 200,
    response: review,
    failures: [404],
  },
  putReview: {
    method: 'PUT',
    path: 'events/:id/review',
    summary: 'Say whether an event is right; saying the same again changes nothing',
    tag: 'Reviews',
    access: 'write',
    parameters: eventId,
    query: none,
    body: reviewBody,
    status: 200,
    response: savedReview,
    failures: [404],
  },
  deleteReview: {
    method: 'DELETE',
    path: 'events/:id/review',
    summary: 'Take a review back; its clip goes too',
    tag: 'Reviews',
    access: 'write',
    parameters: eventId,
    query: none,
    status: 204,
    failures: [404],
  },
  addMissed: {
    method: 'POST',
    path: 'reviews',
    summary: 'Say what no event told of',
    tag: 'Reviews',
    access: 'write',
    parameters: none,
    query: none,
    body: missedBody,
    status: 201,
    response: savedReview,
    failures: [404],
  },
  listReviews: {
    method: 'GET',
    path: 'reviews',
    summary: 'Reviews by the onset of what they speak of',
    tag: 'Reviews',
    access: 'read',
    parameters: none,
    query: z.strictObject({
      ...filters,
      verdict: z.enum(verdicts).optional(),
      limit: limitParameter(100, 1000),
      cursor: cursorParameter,
      order: orderParameter('desc'),
    }),
    status: 200,
    response: z.object({ ...span, ...page(review).shape }),
  },
  reviewQueue: {
    method: 'GET',
    path: 'reviews/queue',
    summary: 'Events that nobody reviewed, what teaches most first',
    tag: 'Reviews',
    access: 'read',
    parameters: none,
    query: z.strictObject({ ...filters, limit: limitParameter(20, 200) }),
    status: 200,
    response: z.object({
      ...span,
      items: z.array(queueItem),
      unreviewed: z.int().describe('closed events of the range that nobody reviewed; the newest 2000 are ranked'),
    }),
  },
  reviewSummary: {
    method: 'GET',
    path: 'reviews/summary',
    summary: 'Precision per label over what was reviewed',
    tag: 'Reviews',
    access: 'read',
    parameters: none,
    query: z.strictObject({ sensorId: sensorId.optional(), ...range }),
    status: 200,
    response: z.object({ ...span, labels: z.array(labelSummary) }),
  },
  exportReviews: {
    method: 'GET',
    path: 'reviews/export',
    summary: 'Reviews as training data: clips with Audacity labels, Raven selection tables or a CSV, as a tar',
    tag: 'Reviews',
    access: 'read',
    parameters: none,
    query: z.strictObject({ format: z.enum(exportFormats), ...filters }),
    status: 200,
    response: 'tar',
  },
} as const satisfies Record<string, Endpoint>;
