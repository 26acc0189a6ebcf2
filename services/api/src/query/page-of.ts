import { ApiError } from '../http/errors.js';

const encode = (id: string): string => Buffer.from(id).toString('base64url');
const decode = (cursor: string): string => {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (encode(id) !== cursor) throw new ApiError('bad_request', `cursor is ${JSON.stringify(cursor)}: not one of ours`);
  return id;
};

interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface ListPage<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/**
 * A page of a short list that is at hand as a whole, in order of what `keyOf` says of each. The cursor names the last key of the
 * page before, so items that come or go meanwhile neither repeat nor hide others. Throws ApiError for a cursor that is none.
 */
export const pageBy = <T>(all: readonly T[], keyOf: (item: T) => string, { limit, cursor }: PageQuery): ListPage<T> => {
  const after = cursor === undefined ? undefined : decode(cursor);
  const left = all
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const shown = left.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ item }) => item),
    nextCursor: left.length > shown.length && last !== undefined ? encode(last.key) : null,
  };
};

/** The same, in order of id. */
export const pageOf = <T extends { readonly id: string }>(all: readonly T[], query: PageQuery): ListPage<T> =>
  pageBy(all, ({ id }) => id, query);
