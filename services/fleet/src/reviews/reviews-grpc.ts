import type { ReviewsServiceServer } from '@earshot/contracts';
import { GrpcError, unary } from '@earshot/platform/grpc';
import { status } from '@grpc/grpc-js';
import { answered } from '../grpc/answered.js';
import type { ReviewStore } from './review-store.js';

export const createReviewsGrpc = (store: ReviewStore): ReviewsServiceServer => ({
  putReview: unary(async ({ review }) => {
    if (review === undefined) throw new GrpcError(status.INVALID_ARGUMENT, 'review is missing');
    return { review: await answered(store.put(review)) };
  }),
  getReview: unary(async ({ tenantId, eventId }) => ({ review: await answered(store.get(tenantId, eventId)) })),
  withdrawReview: unary(async ({ tenantId, eventId, reviewer }) => ({
    review: await answered(store.withdraw(tenantId, eventId, reviewer)),
  })),
});
