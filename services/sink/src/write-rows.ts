import { encodeBlock, type ClickHouse, type EncodedBlock } from '@earshot/platform/clickhouse';

import type { RowsTable, StoredRow } from './rows/stored-row.js';

/** One insert: the rows of one table, each natural key once. */
export interface InsertBlock {
  readonly table: RowsTable;
  readonly rows: readonly StoredRow[];
  /**
   * Its token is made from the rows' content, so that a repeated insert is stored once, and never from Kafka offsets alone: those
   * start again when topics are made anew, and a block that only looks like an old one would be lost.
   */
  readonly encoded: EncodedBlock;
}

/** Cuts a batch into one block per table. Of rows with one natural key the highest version stays, of equal ones the last. */
export const toBlocks = (rows: readonly StoredRow[]): readonly InsertBlock[] => {
  const tables = new Map<RowsTable, Map<string, StoredRow>>();
  for (const row of rows) {
    const kept = tables.get(row.table) ?? new Map<string, StoredRow>();
    tables.set(row.table, kept);
    const other = kept.get(row.naturalKey);
    if (other === undefined || BigInt(row.rowVersion) >= BigInt(other.rowVersion)) kept.set(row.naturalKey, row);
  }
  return [...tables].map(([table, kept]) => {
    const content = [...kept.values()];
    return { table, rows: content, encoded: encodeBlock(content.map((row) => row.columns)) };
  });
};

/** Stores a batch: all tables at once, each in one block. */
export const writeRows = async (
  clickhouse: ClickHouse,
  rows: readonly StoredRow[],
): Promise<readonly InsertBlock[]> => {
  const blocks = toBlocks(rows);
  await Promise.all(blocks.map(({ table, encoded }) => clickhouse.insertBlock(table, encoded)));
  return blocks;
};
