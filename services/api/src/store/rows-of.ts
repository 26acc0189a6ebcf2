/** Rows of columns by the same names: long lists come from ClickHouse as columns, which say each name once. */
export const rowsOf = <R extends object>(columns: Readonly<Record<string, readonly unknown[]>>): R[] => {
  const entries = Object.entries(columns);
  const length = entries[0]?.[1].length ?? 0;
  const rows: R[] = [];
  for (let index = 0; index < length; index++) {
    const row: Record<string, unknown> = {};
    for (const [name, values] of entries) row[name] = values[index];
    rows.push(row as R);
  }
  return rows;
};
