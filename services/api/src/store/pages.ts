import type { BoundValues } from '@earshot/platform/clickhouse';

import { decodeCursor, encodeCursor, fingerprintOf, type Cursor } from '../query/cursor.js';
import type { TimeRange } from '../query/range.js';

export type Order = 'asc' | 'desc';

/** A place in an ordered list: what a cursor names. */
export interface RowPlace {
  readonly timeUs: number;
  readonly key: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** The range that a page is cut from, and after which row it begins. */
export interface PageRequest extends TimeRange {
  readonly after: RowPlace | undefined;
  readonly order: Order;
  readonly limit: number;
  readonly fingerprint: string;
}

interface ListQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly order: Order;
}

/** A cursor keeps the range of the first page; without one `range` decides. */
export const pageRequestOf = (scope: string, query: ListQuery, range: () => TimeRange): PageRequest => {
  const fingerprint = fingerprintOf({ ...query, scope });
  const cursor: Cursor | undefined = query.cursor === undefined ? undefined : decodeCursor(query.cursor, fingerprint);
  const { fromUs, toUs } = cursor ?? range();
  return { fromUs, toUs, after: cursor, order: query.order, limit: query.limit, fingerprint };
};

/** Condition, order and limit over a DateTime64(6) column and a tie-breaking string column; one row more than asked for. */
export const pageClause = (request: PageRequest, timeColumn: string, keyColumn: string): string => {
  const micros = (name: string): string => `fromUnixTimestamp64Micro({${name}:Int64}, 'UTC')`;
  const after =
    request.after === undefined
      ? ''
      : ` AND (${timeColumn}, ${keyColumn}) ${request.order === 'asc' ? '>' : '<'} (${micros('afterUs')}, {afterKey:String})`;
  const direction = request.order === 'asc' ? 'ASC' : 'DESC';
  return (
    `${timeColumn} >= ${micros('fromUs')} AND ${timeColumn} < ${micros('toUs')}${after} ` +
    `ORDER BY ${timeColumn} ${direction}, ${keyColumn} ${direction} LIMIT {rows:UInt32}`
  );
};

export const pageValues = (request: PageRequest): BoundValues => ({
  fromUs: request.fromUs,
  toUs: request.toUs,
  rows: request.limit + 1,
  ...(request.after === undefined ? {} : { afterUs: request.after.timeUs, afterKey: request.after.key }),
});

/** Cuts the row too many off; when it was there, the last row kept is where the next page goes on. */
export const toPage = <R, T>(
  request: PageRequest,
  rows: readonly R[],
  toItem: (row: R) => T,
  placeOf: (row: R) => RowPlace,
): Page<T> => {
  const kept = rows.slice(0, request.limit);
  const last = kept.at(-1);
  const more = rows.length > request.limit && last !== undefined;
  return {
    items: kept.map(toItem),
    nextCursor: more
      ? encodeCursor(request.fingerprint, { fromUs: request.fromUs, toUs: request.toUs, ...placeOf(last) })
      : null,
  };
};
