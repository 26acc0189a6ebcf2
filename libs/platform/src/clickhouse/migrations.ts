import { createHash } from 'node:crypto';

import type { ClickHouse } from './clickhouse.js';
import { StatementError } from './errors.js';
import { retry } from './retry.js';

/**
 * One step of the schema. ClickHouse has neither transactions nor locks over DDL, so every statement must be repeatable
 * (`CREATE … IF NOT EXISTS`, `CREATE OR REPLACE VIEW`, `ALTER TABLE … ADD COLUMN IF NOT EXISTS`, `… MODIFY …`): then a half-done
 * migration is simply run again, and two instances at once do no harm.
 */
export interface Migration {
  /** 1, 2, 3 … without holes. */
  readonly version: number;
  /** kebab-case, unique. */
  readonly name: string;
  readonly statements: readonly string[];
}

/** Whether code from before the migration can go on after it: nothing is taken away or changed, so a rollback works. */
export const isAdditive = ({ statements }: Migration): boolean =>
  statements.every((statement) => !/^\s*(DROP|ALTER\s+TABLE\s+\S+\s+(DROP|MODIFY))/i.test(statement));

/** The schema in the database and the migrations in the code disagree, or a migration is not repeatable. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

const repeatable =
  /^\s*(CREATE\s+(TABLE|DATABASE|VIEW)\s+IF\s+NOT\s+EXISTS|CREATE\s+OR\s+REPLACE\s+VIEW|DROP\s+(TABLE|VIEW)\s+IF\s+EXISTS|ALTER\s+TABLE\s+\S+\s+(ADD\s+(COLUMN|INDEX)\s+IF\s+NOT\s+EXISTS|DROP\s+(COLUMN|INDEX)\s+IF\s+EXISTS|MODIFY))/i;

export const checksumOf = (migration: Migration): string =>
  createHash('sha256')
    .update(JSON.stringify([migration.version, migration.name, migration.statements]))
    .digest('hex');

/** @throws MigrationError naming the first mistake: a hole, a name used twice, a statement that can't be repeated. */
export const checkMigrations = (migrations: readonly Migration[]): void => {
  const names = new Set<string>();
  migrations.forEach((migration, index) => {
    const label = `${migration.version} ${migration.name}`;
    if (migration.version !== index + 1) {
      throw new MigrationError(
        `Migration ${label} stands at place ${index + 1}: versions count 1, 2, 3 … without holes.`,
      );
    }
    if (names.has(migration.name)) throw new MigrationError(`Two migrations are named ${migration.name}.`);
    names.add(migration.name);
    const bad = migration.statements.find((statement) => !repeatable.test(statement));
    if (bad !== undefined) {
      throw new MigrationError(`Migration ${label} has a statement that can't be repeated: ${bad.trim().slice(0, 80)}`);
    }
  });
};

/** What another instance that migrates at the same moment may cause: TABLE_ALREADY_EXISTS, DATABASE_ALREADY_EXISTS, DDL locks. */
const raceCodes = new Set([57, 82, 473, 517]);
const racePolicy = { attempts: 8, firstPauseMs: 50, longestPauseMs: 1000 };

/**
 * Brings the database (created when missing) to the newest schema. `server` is connected to a database that exists, as
 * `default`; `target` to the one to migrate.
 *
 * @returns names of the migrations that were run now.
 * @throws MigrationError when a migration that was applied has changed since, or the database is ahead of the code by one that is not additive.
 */
export const migrate = async (
  server: ClickHouse,
  target: ClickHouse,
  migrations: readonly Migration[],
): Promise<readonly string[]> => {
  checkMigrations(migrations);
  const run = (clickhouse: ClickHouse, statement: string): Promise<void> =>
    retry(
      () => clickhouse.command(statement),
      racePolicy,
      (error) => error instanceof StatementError && raceCodes.has(error.code),
    );
  await run(server, `CREATE DATABASE IF NOT EXISTS \`${target.database}\``);
  await run(
    target,
    `CREATE TABLE IF NOT EXISTS schema_migrations (
       version UInt32, name String, checksum String, applied_time DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(applied_time) ORDER BY version`,
  );
  await run(target, 'ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS additive UInt8 DEFAULT 0');
  const applied = await appliedOf(target);
  const ahead = [...applied].find(([version, { additive }]) => version > migrations.length && additive === 0);
  if (ahead !== undefined) {
    throw new MigrationError(
      `Database ${target.database} is at schema ${ahead[0]}, which takes away or changes what this version (it knows ${migrations.length}) needs: use a newer version.`,
    );
  }
  const done: string[] = [];
  for (const migration of migrations) {
    const checksum = checksumOf(migration);
    const before = applied.get(migration.version)?.checksum;
    if (before !== undefined && before !== checksum) {
      throw new MigrationError(
        `Migration ${migration.version} ${migration.name} was applied to ${target.database} in another form ` +
          `(checksum ${before.slice(0, 12)}, now ${checksum.slice(0, 12)}): applied migrations never change, add a new one.`,
      );
    }
    if (before !== undefined) continue;
    for (const statement of migration.statements) await run(target, statement);
    await target.insert('schema_migrations', [
      { version: migration.version, name: migration.name, checksum, additive: isAdditive(migration) ? 1 : 0 },
    ]);
    done.push(migration.name);
  }
  return done;
};

interface Applied {
  readonly version: number;
  readonly checksum: string;
  readonly additive: number;
}

const appliedOf = async (target: ClickHouse): Promise<ReadonlyMap<number, Applied>> => {
  const rows = await target.query<Applied>(
    'SELECT version, checksum, additive FROM schema_migrations FINAL ORDER BY version',
  );
  return new Map(rows.map((row) => [row.version, row]));
};
