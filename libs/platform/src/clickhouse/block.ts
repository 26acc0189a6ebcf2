import { createHash } from 'node:crypto';

/** Rows as they are sent: written as text once, for the wire and for the token. */
export interface EncodedBlock {
  readonly columns: readonly string[];
  /** JSONCompactEachRow: a line per row, values in the order of `columns`. */
  readonly body: string;
  /** Made from the content: equal blocks have equal ones. */
  readonly token: string;
}

/** `rows` all have the columns of the first; what is undefined is sent as null, which a column that takes none stores as its default. */
export const encodeBlock = (rows: readonly Readonly<Record<string, unknown>>[]): EncodedBlock => {
  const columns = Object.keys(rows[0] ?? {});
  const body = rows.map((row) => JSON.stringify(columns.map((column) => row[column]))).join('\n');
  const token = createHash('sha256').update(columns.join()).update(body).digest('hex');
  return { columns, body, token };
};
