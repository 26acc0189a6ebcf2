import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { createClickHouse, type ClickHouse } from './clickhouse.js';
import { ClickHouseUnavailableError, StatementError } from './errors.js';
import { migrate, MigrationError, type Migration } from './migrations.js';

/** A busy machine is slow to start an engine's first statement. */
jest.setTimeout(60_000);

const access = { username: 'default', password: '' };
const url = (): string => {
  const value = process.env['CLICKHOUSE_URL'];
  if (value === undefined) throw new Error('CLICKHOUSE_URL is not set');
  return value;
};

const migrations: readonly Migration[] = [
  {
    version: 1,
    name: 'first',
    statements: [
      'CREATE TABLE IF NOT EXISTS a (x UInt64, t String) ENGINE = MergeTree ORDER BY x SETTINGS non_replicated_deduplication_window = 10',
    ],
  },
  { version: 2, name: 'second', statements: ['CREATE OR REPLACE VIEW v AS SELECT x FROM a'] },
];

describe('ClickHouse', () => {
  let server: ClickHouse;
  let target: ClickHouse;
  beforeAll(() => {
    server = createClickHouse({ ...access, url: url(), database: 'default' });
    target = createClickHouse({ ...access, url: url(), database: `platform_${randomUUID().replaceAll('-', '')}` });
  });
  afterAll(async () => {
    await server.command(`DROP DATABASE IF EXISTS ${target.database}`);
    await target.close();
    await server.close();
  });

  it('is migrated by two instances at once, and the second time nothing is left to do', async () => {
    await Promise.all([migrate(server, target, migrations), migrate(server, target, migrations)]);
    expect(await migrate(server, target, migrations)).toEqual([]);
    const rows = await target.query<{ version: number; name: string }>(
      'SELECT version, name FROM schema_migrations FINAL ORDER BY version',
    );
    expect(rows).toEqual([
      { version: 1, name: 'first' },
      { version: 2, name: 'second' },
    ]);
  });

  it('lets the version before go on after a migration that only adds: a rollback works', async () => {
    expect(await migrate(server, target, migrations.slice(0, 1))).toEqual([]);
    await target.insert('a', [{ x: '1', t: 'from the version before' }]);
    expect(await target.query('SELECT t FROM a')).toEqual([{ t: 'from the version before' }]);
    await target.command('TRUNCATE TABLE a');
  });

  it('refuses a migration that changed after it was applied, and a database ahead of the code', async () => {
    const changed = [{ ...migrations[0], statements: ['CREATE OR REPLACE VIEW a AS SELECT 1'] } as Migration];
    await expect(migrate(server, target, [...changed, ...migrations.slice(1)])).rejects.toThrow(/1 first was applied/);
    const breaking = { version: 3, name: 'third', statements: ['DROP VIEW IF EXISTS v'] };
    await migrate(server, target, [...migrations, breaking]);
    await expect(migrate(server, target, migrations)).rejects.toThrow(MigrationError);
  });

  it('stores a block with one token once, and binds what it is given', async () => {
    const nasty = `it's "quoted" \\ and {odd:String} \n line`;
    await target.insert('a', [{ x: '18446744073709551615', t: nasty }], 'token-1');
    await target.insert('a', [{ x: '18446744073709551615', t: nasty }], 'token-1');
    const rows = await target.query<{ x: string; t: string }>('SELECT x, t FROM a WHERE t = {nasty:String}', { nasty });
    expect(rows).toEqual([{ x: '18446744073709551615', t: nasty }]);
  });

  it('tells a wrong statement from an engine that is not there', async () => {
    await expect(target.query('SELECT nothing FROM nowhere')).rejects.toThrow(StatementError);
    const gone = createClickHouse({ ...access, url: 'http://127.0.0.1:1', database: 'x' });
    await expect(gone.query('SELECT 1')).rejects.toThrow(ClickHouseUnavailableError);
    expect([await gone.ping(), await target.ping()]).toEqual([false, true]);
    await gone.close();
  });
});
