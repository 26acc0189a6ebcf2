import { setTimeout as pause } from 'node:timers/promises';

import type { ServicePart } from '@earshot/nest/service';
import { ClickHouseUnavailableError, earshotSchema, migrate, type ClickHouse } from '@earshot/platform/clickhouse';
import type { Logger } from '@earshot/platform/telemetry';

import { retentionStatements, type Retention } from './retention.js';

export interface SchemaPart extends ServicePart {
  /** Resolves when the tables are there and retention is set; rejects when the schema can't be used. */
  readonly whenReady: Promise<void>;
}

const PAUSE_MS = 1_000;
/** Below it ClickHouse refuses inserts and merges one after another. */
const MIN_FREE_MB = 64;

/** Room on the fullest disk of the engine, MB; without an end where this user may not ask. */
const freeSpaceMb = async (target: ClickHouse): Promise<number> => {
  const sql = 'SELECT toFloat64(min(unreserved_space)) / 1048576 AS free FROM system.disks';
  try {
    const [row] = await target.query<{ free: number | null }>(sql);
    return Math.floor(row?.free ?? Number.POSITIVE_INFINITY);
  } catch (error) {
    if (error instanceof ClickHouseUnavailableError) throw error;
    return Number.POSITIVE_INFINITY;
  }
};

/** Brings the database up to date, however long ClickHouse takes to answer, and reports whether it answers now. */
export const createSchemaPart = (
  server: ClickHouse,
  target: ClickHouse,
  retention: Retention,
  logger: Logger,
  onFatal: (error: unknown) => void,
): SchemaPart => {
  const stopping = new AbortController();
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const whenReady = new Promise<void>((onReady, onFailed) => {
    resolve = onReady;
    reject = onFailed;
  });
  whenReady.catch(() => undefined);
  let answers = false;
  let freeMb = Number.POSITIVE_INFINITY;
  let migrated = false;

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        if (!migrated) {
          const done = await migrate(server, target, earshotSchema);
          for (const statement of retentionStatements(retention)) await target.command(statement);
          migrated = true;
          logger.info({ migrations: done }, `schema of database ${target.database} is up to date`);
          resolve();
        }
        answers = await target.ping();
        if (answers) freeMb = await freeSpaceMb(target);
      } catch (error) {
        answers = false;
        if (!(error instanceof ClickHouseUnavailableError)) {
          reject(error);
          onFatal(error);
          return;
        }
      }
      await pause(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  let running = Promise.resolve();
  return {
    name: 'clickhouse',
    whenReady,
    start: () => {
      running = run();
      return Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    ready: () => {
      if (!migrated) return 'waiting for ClickHouse';
      if (!answers) return 'ClickHouse does not answer';
      return (
        freeMb >= MIN_FREE_MB || `the disk of ClickHouse is full (${freeMb} MB free): results wait on their topics`
      );
    },
  };
};
