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
    ready: () => (answers && migrated) || (migrated ? 'ClickHouse does not answer' : 'waiting for ClickHouse'),
  };
};
