import { randomUUID } from 'node:crypto';

import { createClickHouse, earshotSchema, migrate, type ClickHouse } from '@earshot/platform/clickhouse';

export interface TestDatabase {
  readonly clickhouse: ClickHouse;
  drop(): Promise<void>;
}

/** A database of its own on the engine at CLICKHOUSE_URL, with the newest schema. */
export const createTestDatabase = async (): Promise<TestDatabase> => {
  const url = process.env['CLICKHOUSE_URL'];
  if (url === undefined)
    throw new Error('CLICKHOUSE_URL is not set: run the integration project, whose set-up starts the engine');
  const access = { url, username: 'default', password: '' };
  const server = createClickHouse({ ...access, database: 'default' });
  const clickhouse = createClickHouse({ ...access, database: `api_${randomUUID().replaceAll('-', '')}` });
  await migrate(server, clickhouse, earshotSchema);
  return {
    clickhouse,
    drop: async () => {
      await server.command(`DROP DATABASE IF EXISTS ${clickhouse.database}`);
      await clickhouse.close();
      await server.close();
    },
  };
};
