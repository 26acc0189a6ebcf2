import { Readable } from 'node:stream';

import { ClickHouseLogLevel, createClient } from '@clickhouse/client';

import type { EncodedBlock } from './block.js';
import { ClickHouseUnavailableError, toClickHouseFailure } from './errors.js';
import { retry, type RetryPolicy } from './retry.js';

export interface ClickHouseSettings {
  /** http:// or https:// URL without a path. */
  readonly url: string;
  readonly database: string;
  readonly username: string;
  readonly password: string;
}

/** A value that is bound, never spliced: `{name:Type}` in the statement. */
export type BoundValue = string | number | boolean | readonly string[] | readonly number[];
export type BoundValues = Readonly<Record<string, BoundValue>>;

/** Longest a statement may take. */
export interface StatementLimits {
  readonly timeoutMs?: number;
}

/**
 * All that Earshot asks of ClickHouse. 64-bit integers come back as decimal strings, times as the statement formats
 * them, NaN and infinities as null.
 */
export interface ClickHouse {
  readonly database: string;
  /** Reads rows. @throws StatementError | ClickHouseUnavailableError */
  query<T>(sql: string, values?: BoundValues, limits?: StatementLimits): Promise<T[]>;
  /**
   * Reads columns of equal length by their names: many rows of few columns cost a fraction of what `query` takes for them.
   * @throws StatementError | ClickHouseUnavailableError
   */
  columns<T extends Readonly<Record<string, readonly unknown[]>>>(
    sql: string,
    values?: BoundValues,
    limits?: StatementLimits,
  ): Promise<T>;
  /** Runs a statement that answers nothing; not repeated. */
  command(sql: string, values?: BoundValues, limits?: StatementLimits): Promise<void>;
  /**
   * Writes rows as one block and resolves when they are stored. Tried again while the engine does not answer: the table
   * must make a repeated block harmless. Equal `token`s within the table's deduplication window are stored once.
   */
  insert(table: string, rows: readonly object[], token?: string): Promise<void>;
  /** The same of rows that are written already; the block's own token counts. */
  insertBlock(table: string, block: EncodedBlock): Promise<void>;
  /** Whether the engine answers. Never throws. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

const insertRetries: RetryPolicy = { attempts: 6, firstPauseMs: 100, longestPauseMs: 3000 };
const defaultTimeoutMs = 60_000;

/** Connects lazily: nothing is sent before the first call. */
export const createClickHouse = (settings: ClickHouseSettings): ClickHouse => {
  const client = createClient({
    url: settings.url,
    database: settings.database,
    username: settings.username,
    password: settings.password,
    request_timeout: defaultTimeoutMs,
    max_open_connections: 8,
    log: { level: ClickHouseLogLevel.OFF },
    compression: { request: false, response: false },
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1, output_format_json_quote_denormals: 0 },
  });
  const failing = (error: unknown): never => {
    throw toClickHouseFailure(error, settings.url);
  };
  const bound = (values: BoundValues | undefined, limits: StatementLimits | undefined) => ({
    ...(values === undefined ? {} : { query_params: { ...values } }),
    ...(limits?.timeoutMs === undefined ? {} : { abort_signal: AbortSignal.timeout(limits.timeoutMs) }),
  });
  const settingsOfInsert = (token: string | undefined) =>
    ({
      throw_on_max_partitions_per_insert_block: 0,
      ...(token === undefined ? {} : { insert_deduplication_token: token }),
    }) as const;
  const patiently = (once: () => Promise<void>): Promise<void> =>
    retry(
      () => once().catch(failing),
      insertRetries,
      (error) => error instanceof ClickHouseUnavailableError,
    );
  return {
    database: settings.database,
    query: async <T>(sql: string, values?: BoundValues, limits?: StatementLimits): Promise<T[]> => {
      try {
        const result = await client.query({ query: sql, format: 'JSONEachRow', ...bound(values, limits) });
        return await result.json<T>();
      } catch (error) {
        return failing(error);
      }
    },
    columns: async <T extends Readonly<Record<string, readonly unknown[]>>>(
      sql: string,
      values?: BoundValues,
      limits?: StatementLimits,
    ): Promise<T> => {
      try {
        const result = await client.query({ query: sql, format: 'JSONColumnsWithMetadata', ...bound(values, limits) });
        return ((await result.json()) as unknown as { readonly data: T }).data;
      } catch (error) {
        return failing(error);
      }
    },
    command: async (sql, values, limits) => {
      await client.command({ query: sql, ...bound(values, limits) }).catch(failing);
    },
    insert: async (table, rows, token) => {
      if (rows.length === 0) return;
      const clickhouse_settings = settingsOfInsert(token);
      await patiently(async () => {
        await client.insert({ table, values: [...rows], format: 'JSONEachRow', clickhouse_settings });
      });
    },
    insertBlock: async (table, { columns, body, token }) => {
      if (body === '') return;
      const query = `INSERT INTO ${table} (${columns.join(', ')}) FORMAT JSONCompactEachRow`;
      const clickhouse_settings = settingsOfInsert(token);
      await patiently(async () => {
        const { stream } = await client.exec({ query, values: Readable.from([body]), clickhouse_settings });
        for await (const _ of stream);
      });
    },
    ping: async () => {
      const answer = await client.ping().catch(() => ({ success: false }));
      return answer.success;
    },
    close: async () => {
      await client.close();
    },
  };
};
