export {
  createClickHouse,
  type BoundValue,
  type BoundValues,
  type ClickHouse,
  type ClickHouseSettings,
  type StatementLimits,
} from './clickhouse.js';
export { ClickHouseUnavailableError, StatementError } from './errors.js';
export { checkMigrations, checksumOf, migrate, MigrationError, type Migration } from './migrations.js';
export { retry, type RetryPolicy } from './retry.js';
export { earshotSchema } from './schema.js';
export { encodeBlock, type EncodedBlock } from './block.js';
export { KEYED_READ } from './keyed-read.js';
