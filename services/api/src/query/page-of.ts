import { ApiError } from '../http/errors.js';

const encode = (id: string): string => Buffer.from(id).toString('base64url');
const decode = (cursor: string): string => {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (encode(id) !== cursor) throw new ApiError('bad_request', `cursor is ${JSON.stringify(cursor)}: not one of ours`);
  return id;
};

/**
 * A page of a short list that is at hand as a whole, in order of id. The cursor names the last id of the page before, so items that
 * come or go meanwhile neither repeat nor hide others. Throws ApiError for a cursor that is none.
 */
export const pageOf = <T extends { readonly id: string }>(
  all: readonly T[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): { readonly items: T[]; readonly nextCursor: string | null } => {
  const after = cursor === undefined ? undefined : decode(cursor);
  const left = all
    .filter(({ id }) => after === undefined || id > after)
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const items = left.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: left.length > items.length && last !== undefined ? encode(last.id) : null };
};
