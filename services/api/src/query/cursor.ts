import { createHash } from 'node:crypto';

import { z } from 'zod';

import { ApiError } from '../http/errors.js';
import type { TimeRange } from './range.js';

/** Names the last row of a page, so that pages stay the same while rows arrive; carries the range that was asked for first. */
export interface Cursor extends TimeRange {
  /** Event time of the last row, microseconds since the Unix epoch. */
  readonly timeUs: number;
  /** Orders rows of one time. */
  readonly key: string;
}

const content = z.tuple([z.string(), z.int(), z.int(), z.int(), z.string()]);

/** Stands for the query that a cursor belongs to: all parameters but the cursor and the limit. */
export const fingerprintOf = (query: Readonly<Record<string, unknown>>): string =>
  createHash('sha256')
    .update(
      JSON.stringify(
        Object.entries(query)
          .filter(([name, value]) => !['cursor', 'limit'].includes(name) && value !== undefined)
          .sort(),
      ),
    )
    .digest('base64url')
    .slice(0, 12);

export const encodeCursor = (fingerprint: string, cursor: Cursor): string =>
  Buffer.from(JSON.stringify([fingerprint, cursor.fromUs, cursor.toUs, cursor.timeUs, cursor.key])).toString(
    'base64url',
  );

/** @throws ApiError when it is none of ours or belongs to another query. */
export const decodeCursor = (text: string, fingerprint: string): Cursor => {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    json = undefined;
  }
  const parsed = content.safeParse(json);
  if (!parsed.success)
    throw new ApiError('bad_request', 'cursor is not one that this API gave out: pass nextCursor as it is');
  const [owner, fromUs, toUs, timeUs, key] = parsed.data;
  if (owner !== fingerprint) {
    throw new ApiError(
      'bad_request',
      'cursor belongs to another query: pass it with the same parameters as the page before',
    );
  }
  return { fromUs, toUs, timeUs, key };
};
