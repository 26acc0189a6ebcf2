import { ClickHouseError } from '@clickhouse/client';

/** The engine answered: the statement is wrong or can't be done. `code` is ClickHouse's. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
  constructor(
    message: string,
    readonly code: number,
    options: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The engine did not answer, or says that it can't now: the same statement may work later. */
export class ClickHouseUnavailableError extends Error {
  override readonly name = 'ClickHouseUnavailableError';
}

/**
 * Codes by which the engine refuses for the moment: TIMEOUT_EXCEEDED, SOCKET_TIMEOUT, TOO_MANY_SIMULTANEOUS_QUERIES,
 * NETWORK_ERROR, NO_FREE_CONNECTION, MEMORY_LIMIT_EXCEEDED, TOO_MANY_PARTS, UNKNOWN_STATUS_OF_INSERT, QUERY_WAS_CANCELLED,
 * ABORTED; and those of a full or failing disk: NOT_ENOUGH_SPACE, CANNOT_WRITE_TO_FILE_DESCRIPTOR, CANNOT_OPEN_FILE,
 * CANNOT_FSYNC, CANNOT_CREATE_DIRECTORY, TABLE_IS_READ_ONLY, STD_EXCEPTION (what the file system throws).
 */
const passingCodes = new Set([
  ...[159, 209, 202, 210, 203, 241, 252, 319, 394, 236],
  ...[243, 75, 76, 95, 484, 242, 1001],
]);

/** Sorts what the client threw into the two kinds above. */
export const toClickHouseFailure = (error: unknown, url: string): StatementError | ClickHouseUnavailableError => {
  if (error instanceof StatementError || error instanceof ClickHouseUnavailableError) return error;
  const cause = { cause: error };
  if (error instanceof ClickHouseError && !passingCodes.has(Number(error.code))) {
    return new StatementError(shortened(error.message), Number(error.code), cause);
  }
  const message = error instanceof Error ? error.message : String(error);
  const how = error instanceof ClickHouseError ? `can't do it now (code ${error.code})` : 'does not answer';
  return new ClickHouseUnavailableError(`ClickHouse at ${url} ${how}: ${shortened(message)}`, cause);
};

/** The engine repeats the whole statement in its messages. */
const shortened = (message: string): string => (message.length <= 600 ? message : `${message.slice(0, 600)}…`);
