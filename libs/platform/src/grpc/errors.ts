import { status } from '@grpc/grpc-js';

/** An expected failure of an RPC, with the status that the caller sees. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';

  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}

/** The callee can't be reached or did not answer in time. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof GrpcError && (error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED);
