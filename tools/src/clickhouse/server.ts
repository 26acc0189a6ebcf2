import { randomUUID, timingSafeEqual, createHash } from 'node:crypto';
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import os from 'node:os';

import { BodyBudget, readBody, readFields, responseEncoding, writeBody } from './body.js';
import type { ClickHouseConfig } from './config.js';
import { codes, exception, toException } from './exception.js';
import { SessionPool } from './session-pool.js';
import type { Outcome } from './session-pool.js';
import { statementOf } from './statement.js';

export interface ClickHouseServer {
  readonly url: string;
  /** Stops taking requests, ends what runs, closes the engine. */
  close(): Promise<void>;
}

const contentTypes: readonly [RegExp, string][] = [
  [/^JSON(Strings)?$|^JSONCompact(Strings)?$|^JSONColumns|^JSONObjectEachRow$/, 'application/json; charset=UTF-8'],
  [/^JSON.*EachRow/, 'application/x-ndjson; charset=UTF-8'],
  [/^CSV/, 'text/csv; charset=UTF-8; header=absent'],
  [/^(TabSeparated|TSV)/, 'text/tab-separated-values; charset=UTF-8'],
  [/^(RowBinary|Native|Parquet|Arrow|ORC|Avro|MsgPack)/, 'application/octet-stream'],
];
const contentTypeOf = (format: string): string =>
  contentTypes.find(([pattern]) => pattern.test(format))?.[1] ?? 'text/plain; charset=UTF-8';

const summaryOf = (outcome: Outcome): string =>
  JSON.stringify({
    read_rows: String(outcome.rowsRead),
    read_bytes: String(outcome.bytesRead),
    written_rows: String(outcome.rowsWritten),
    written_bytes: String(outcome.bytesWritten),
    total_rows_to_read: '0',
    result_rows: String(outcome.rowsWritten),
    result_bytes: String(outcome.body.length),
    elapsed_ns: String(Math.round(outcome.elapsedS * 1e9)),
  });

const sameText = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());

/** Bound values come in the URL: as much of it as ClickHouse takes (`http_max_uri_size`). */
const MAX_URI_BYTES = 1024 * 1024;

/** Opens the engine on the configured directory and serves ClickHouse's HTTP interface. Resolves when it listens. */
export const startClickHouseServer = async (config: ClickHouseConfig): Promise<ClickHouseServer> => {
  const pool = new SessionPool({
    dataDir: config.EARSHOT_CLICKHOUSE_DATA_DIR,
    sessions: config.EARSHOT_CLICKHOUSE_SESSIONS,
    queueLimit: config.EARSHOT_CLICKHOUSE_QUEUE,
    queueTimeoutMs: config.EARSHOT_CLICKHOUSE_QUEUE_TIMEOUT_S * 1000,
    maxResultBytes: config.EARSHOT_CLICKHOUSE_MAX_RESULT_MIB,
    maxQueryMemoryBytes: config.EARSHOT_CLICKHOUSE_MAX_MEMORY_MIB,
  });
  await pool.prepare();
  const budget = new BodyBudget(config.EARSHOT_CLICKHOUSE_MAX_BODIES_MIB);

  const authorise = (request: IncomingMessage, url: URLSearchParams): void => {
    if (config.EARSHOT_CLICKHOUSE_PASSWORD === '') return;
    const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const [basicUser, ...rest] = Buffer.from(basic ?? '', 'base64')
      .toString('utf8')
      .split(':');
    const user = headerOf(request, 'x-clickhouse-user') ?? url.get('user') ?? basicUser ?? '';
    const password = headerOf(request, 'x-clickhouse-key') ?? url.get('password') ?? rest.join(':');
    const right =
      sameText(user === '' ? 'default' : user, config.EARSHOT_CLICKHOUSE_USER) &&
      sameText(password, config.EARSHOT_CLICKHOUSE_PASSWORD);
    if (!right) {
      const text = `${user}: Authentication failed: password is incorrect, or there is no user with such name.`;
      throw exception(codes.authenticationFailed, 'AUTHENTICATION_FAILED', text);
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const isProbe = url.pathname === '/ping' || url.pathname === '/replicas_status';
    if (isProbe || (request.method === 'GET' && url.pathname === '/' && !url.searchParams.has('query'))) {
      response.writeHead(200, { 'content-type': 'text/html; charset=UTF-8' }).end('Ok.\n');
      return;
    }
    if (url.pathname !== '/') {
      response.writeHead(404, { 'content-type': 'text/plain; charset=UTF-8' });
      response.end(`There is no handle ${url.pathname}. Use / or /ping for health checks.\n`);
      return;
    }
    if (request.method !== 'GET' && request.method !== 'POST') {
      response.writeHead(405, { allow: 'GET, POST' }).end();
      return;
    }
    authorise(request, url.searchParams);
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const body = await readBody(request, config.EARSHOT_CLICKHOUSE_MAX_BODY_MIB, budget);
    try {
      const fields = await readFields(request.headers['content-type'], body.bytes);
      const statement = statementOf({
        method: request.method,
        url: url.searchParams,
        header: (name) => headerOf(request, name),
        body: fields === undefined ? body.bytes : Buffer.alloc(0),
        ...(fields === undefined ? {} : { fields }),
        fallbackQueryId: randomUUID(),
      });
      const outcome = await pool.run(statement, gone.signal);
      const wantsCompression = url.searchParams.get('enable_http_compression') === '1';
      const encoding = responseEncoding(headerOf(request, 'accept-encoding'), wantsCompression);
      response.writeHead(200, {
        'content-type': contentTypeOf(statement.format),
        'x-clickhouse-server-display-name': os.hostname(),
        'x-clickhouse-query-id': statement.queryId,
        'x-clickhouse-format': statement.format,
        'x-clickhouse-timezone': 'UTC',
        'x-clickhouse-summary': summaryOf(outcome),
        ...(encoding === undefined ? { 'content-length': outcome.body.length } : { 'content-encoding': encoding }),
      });
      await writeBody(response, outcome.body, encoding);
    } finally {
      body.release();
    }
  };

  const server = http.createServer({ maxHeaderSize: MAX_URI_BYTES }, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      answerException(request, response, error);
    });
  });
  server.keepAliveTimeout = 30_000;
  server.headersTimeout = 35_000;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.EARSHOT_CLICKHOUSE_PORT, config.EARSHOT_CLICKHOUSE_HOST, resolve);
  });
  return {
    url: `http://${config.EARSHOT_CLICKHOUSE_HOST}:${config.EARSHOT_CLICKHOUSE_PORT}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await pool.close(3000);
      server.closeIdleConnections();
      setTimeout(() => {
        server.closeAllConnections();
      }, 500).unref();
      await closed;
    },
  };
};

const headerOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

const answerException = (request: IncomingMessage, response: ServerResponse, error: unknown): void => {
  if (response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const failure = toException(error);
  const bodyUnread = !request.readableEnded;
  response.writeHead(failure.httpStatus, {
    'content-type': 'text/plain; charset=UTF-8',
    'x-clickhouse-exception-code': failure.code,
    ...(bodyUnread ? { connection: 'close' } : {}),
  });
  response.end(`${failure.message}\n`);
  if (bodyUnread) request.resume();
};
