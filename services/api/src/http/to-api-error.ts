import { HttpException } from '@nestjs/common';
import { ClickHouseUnavailableError, StatementError } from '@earshot/platform/clickhouse';
import { GrpcError, grpcStatus } from '@earshot/platform/grpc';

import { ApiError, errorCodes, type ErrorCode } from './errors.js';

const codeOfGrpc: Readonly<Partial<Record<grpcStatus, ErrorCode>>> = {
  [grpcStatus.INVALID_ARGUMENT]: 'bad_request',
  [grpcStatus.NOT_FOUND]: 'not_found',
  [grpcStatus.ALREADY_EXISTS]: 'conflict',
  [grpcStatus.FAILED_PRECONDITION]: 'conflict',
  [grpcStatus.ABORTED]: 'conflict',
  [grpcStatus.PERMISSION_DENIED]: 'forbidden',
  [grpcStatus.RESOURCE_EXHAUSTED]: 'too_large',
};

/** A peer that can't be reached, or is not ready, passes: the client may try again. */
const passing = new Set([grpcStatus.UNAVAILABLE, grpcStatus.DEADLINE_EXCEEDED, grpcStatus.CANCELLED]);

/** UNKNOWN_TABLE, UNKNOWN_DATABASE: the sink has not made the schema yet. */
const noSchemaYet = new Set([60, 81]);

const codeOfStatus = new Map<number, ErrorCode>(
  Object.entries(errorCodes).map(([code, status]) => [status, code as ErrorCode]),
);

/** What the client is told of any failure; undefined: a bug, of which it is told nothing. */
export const toApiError = (error: unknown): ApiError | undefined => {
  if (error instanceof ApiError) return error;
  if (error instanceof ClickHouseUnavailableError) {
    return new ApiError('unavailable', 'The store of levels and events does not answer, try again', 2);
  }
  if (error instanceof StatementError && noSchemaYet.has(error.code)) {
    return new ApiError('unavailable', 'The store of levels and events is being set up, try again', 2);
  }
  if (error instanceof GrpcError) {
    if (passing.has(error.code))
      return new ApiError('unavailable', 'A service behind the API does not answer, try again', 2);
    const code = codeOfGrpc[error.code];
    return code === undefined ? undefined : new ApiError(code, error.message);
  }
  const status = statusOf(error);
  const code = status === undefined ? undefined : codeOfStatus.get(status);
  if (code === undefined || code === 'internal') return undefined;
  return new ApiError(code, error instanceof Error ? error.message : code);
};

/** Nest's and Fastify's own errors carry a status. */
const statusOf = (error: unknown): number | undefined => {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return undefined;
};
