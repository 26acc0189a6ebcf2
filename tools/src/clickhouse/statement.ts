import { codes, exception } from './exception.js';
import { leadingKeyword, outputFormatOf } from './sql-text.js';

/** One request to run, whatever part of the HTTP request its pieces came in. */
export interface Statement {
  queryId: string;
  sql: string;
  /** Data of an INSERT that came apart from its statement. */
  data?: Buffer;
  database: string;
  settings: ReadonlyMap<string, string>;
  params: ReadonlyMap<string, string>;
  /** Used when the statement names no format. */
  defaultFormat: string;
  /** The format of the response body. */
  format: string;
}

/** HTTP parameters that are not engine settings. */
const interfaceParameters = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'role',
  'stacktrace',
  'buffer_size',
  'wait_end_of_query',
  'enable_http_compression',
  'http_zlib_compression_level',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'cancel_http_readonly_queries_on_client_close',
  'add_http_cors_header',
  'close_session',
  'session_check',
  'session_timeout',
  'log_comment',
  // Inserts are always written before they are acknowledged: an asynchronous one would only promise less.
  'async_insert',
  'wait_for_async_insert',
  'async_insert_busy_timeout_ms',
  'async_insert_max_data_size',
]);

const unsupported: ReadonlyMap<string, string> = new Map([
  ['session_id', 'sessions that outlive a request are not kept by the embedded engine; leave session_id out'],
  ['compress', 'the native compressed format is not spoken; use Accept-Encoding with enable_http_compression=1'],
  ['decompress', 'the native compressed format is not spoken; use Content-Encoding'],
]);

const readOnlyKeywords = new Set(['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXISTS', 'EXPLAIN', 'CHECK']);

export interface RequestParts {
  method: string;
  url: URLSearchParams;
  header: (name: string) => string | undefined;
  /** Decompressed body. */
  body: Buffer;
  /** Fields of a multipart/form-data body; then `body` is empty. */
  fields?: ReadonlyMap<string, string>;
  /** Id to use when the client gives none. */
  fallbackQueryId: string;
}

/**
 * Maps an HTTP request to a statement, as ClickHouse's HTTP interface does: the statement in `query=`, in the body, or
 * split over both (an INSERT and its data); `param_*` are bound parameters; every other parameter is a setting.
 *
 * @throws ClickHouseException for what this server does not do and for a GET that would write.
 */
export const statementOf = (parts: RequestParts): Statement => {
  const entries = [...parts.url.entries(), ...(parts.fields?.entries() ?? [])];
  const settings = new Map<string, string>();
  const params = new Map<string, string>();
  for (const [name, value] of entries) {
    const why = unsupported.get(name);
    if (why !== undefined && value !== '0')
      throw exception(codes.notImplemented, 'NOT_IMPLEMENTED', `${name}: ${why}.`);
    if (name.startsWith('param_')) params.set(name.slice('param_'.length), value);
    else if (!interfaceParameters.has(name) && why === undefined) settings.set(name, value);
  }
  const get = (name: string): string | undefined => parts.fields?.get(name) ?? parts.url.get(name) ?? undefined;
  const given = get('query') ?? '';
  const isInsert = leadingKeyword(given) === 'INSERT';
  const sql = given === '' ? parts.body.toString('utf8') : given;
  if (sql.trim() === '') throw exception(62, 'SYNTAX_ERROR', 'Empty query: give it in query= or in the body.');
  if (parts.method === 'GET' && !readOnlyKeywords.has(leadingKeyword(sql))) {
    throw exception(codes.readonly, 'READONLY', 'A GET request only reads: send this statement with POST.');
  }
  const defaultFormat = get('default_format') ?? parts.header('x-clickhouse-format') ?? 'TabSeparated';
  const hasData = given !== '' && parts.body.length > 0;
  return {
    queryId: get('query_id') ?? parts.fallbackQueryId,
    sql: hasData && !isInsert ? `${given}\n${parts.body.toString('utf8')}` : sql,
    ...(given !== '' && isInsert ? { data: parts.body } : {}),
    database: get('database') ?? parts.header('x-clickhouse-database') ?? 'default',
    settings,
    params,
    defaultFormat,
    format: outputFormatOf(sql) ?? defaultFormat,
  };
};
