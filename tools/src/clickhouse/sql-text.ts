/** A single-quoted SQL literal of `value`; backslashes and quotes escaped, so nothing can leave the quotes. */
export const quoteLiteral = (value: string): string =>
  `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`;

/** A backtick-quoted SQL identifier. */
export const quoteIdentifier = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;

/** The text without leading white space and comments. */
export const stripLeadingComments = (sql: string): string =>
  sql.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/, '');

/** First word in upper case: `SELECT`, `INSERT`, `WITH`, …; empty for an empty statement. */
export const leadingKeyword = (sql: string): string =>
  /^\(*\s*([A-Za-z]+)/.exec(stripLeadingComments(sql))?.[1]?.toUpperCase() ?? '';

/** The output format a statement names at its end, for the response headers only: the engine parses for itself. */
export const outputFormatOf = (sql: string): string | undefined =>
  /\bFORMAT\s+([A-Za-z][A-Za-z0-9_]*)\s*(?:SETTINGS\b[^'"`;]*)?;?\s*$/i.exec(sql)?.[1];

/** True when the statement uses the query parameter: `{name:Type}`. Errs on the side of true. */
export const mentionsParameter = (sql: string, name: string): boolean => new RegExp(`\\{\\s*${name}\\s*:`).test(sql);

export interface InsertHeader {
  /** `table` or `database.table`, plain identifiers. */
  table: string;
  columns?: readonly string[];
  format: string;
}

const plainIdentifier = String.raw`(?:[A-Za-z_][A-Za-z0-9_]*|\x60[A-Za-z_][A-Za-z0-9_]*\x60)`;
const insertHeader = new RegExp(
  String.raw`^INSERT\s+INTO\s+(?:TABLE\s+)?(${plainIdentifier}(?:\.${plainIdentifier})?)` +
    String.raw`\s*(?:\(\s*(${plainIdentifier}(?:\s*,\s*${plainIdentifier})*)\s*\))?\s*FORMAT\s+([A-Za-z0-9]+)\s*$`,
  'i',
);

/**
 * Reads `INSERT INTO [db.]table [(columns)] FORMAT f` with nothing else in it, the shape whose data can be handed to
 * the engine as bytes. Undefined for any other statement (VALUES, SELECT, SETTINGS, FUNCTION, EXCEPT, …).
 */
export const parseInsertHeader = (sql: string): InsertHeader | undefined => {
  const match = insertHeader.exec(stripLeadingComments(sql).replace(/;?\s*$/, ''));
  const table = match?.[1];
  const format = match?.[3];
  if (table === undefined || format === undefined) return undefined;
  const columns = match?.[2]?.split(',').map((column) => column.trim().replaceAll('`', ''));
  return { table: table.replaceAll('`', ''), format, ...(columns === undefined ? {} : { columns }) };
};

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface SessionChange {
  /** Database of the statement. */
  database: string;
  settings: ReadonlyMap<string, string>;
  /** Values of the `param_*` parameters, in ClickHouse's escaped (TSV) text form, as they come over HTTP. */
  params: ReadonlyMap<string, string>;
}

export interface SessionState {
  database: string;
  /** Settings that a former statement changed on this session. */
  dirtySettings: ReadonlySet<string>;
}

/**
 * The statements that bring a session from its state to what the next statement needs: `USE`, `SET` with the
 * settings and bound parameters, and the former statement's settings back to their base value. Empty when nothing differs.
 * Parameters stay outside the statement's text, so they cannot change its meaning.
 *
 * @param base values of settings that differ from ClickHouse's defaults on a fresh session.
 * @throws RangeError naming a setting or parameter that is not a plain identifier.
 */
export const preludeOf = (state: SessionState, next: SessionChange, base: ReadonlyMap<string, string>): string => {
  const assignments: string[] = [];
  for (const name of state.dirtySettings) {
    if (next.settings.has(name)) continue;
    const value = base.get(name);
    assignments.push(`${name} = ${value === undefined ? 'DEFAULT' : quoteLiteral(value)}`);
  }
  for (const [name, value] of next.settings) {
    if (!identifier.test(name)) throw new RangeError(`setting name ${JSON.stringify(name)} is not an identifier`);
    assignments.push(`${name} = ${quoteLiteral(value)}`);
  }
  for (const [name, value] of next.params) {
    if (!identifier.test(name)) throw new RangeError(`parameter name ${JSON.stringify(name)} is not an identifier`);
    assignments.push(`param_${name} = ${quoteLiteral(value)}`);
  }
  const statements: string[] = [];
  if (state.database !== next.database) statements.push(`USE ${quoteIdentifier(next.database)}`);
  if (assignments.length > 0) statements.push(`SET ${assignments.join(', ')}`);
  return statements.join('; ');
};
