/** Answers rows of a SELECT as objects. */
export type Query = <T>(sql: string) => Promise<readonly T[]>;

/** Over ClickHouse's HTTP interface at `url`. */
export const queryOf =
  (url: string): Query =>
  async <T>(sql: string): Promise<readonly T[]> => {
    const response = await fetch(url, { method: 'POST', body: `${sql} FORMAT JSON` });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return (JSON.parse(text) as { data: T[] }).data;
  };

export interface StoredCheck {
  readonly what: string;
  readonly rows: number;
  readonly duplicates: number;
}

/** [table, what makes a row one and the same]. */
const UNIQUE: readonly (readonly [string, string])[] = [
  ['levels_1s', 'sensor_id, time, boot_id'],
  ['classifications', 'sensor_id, time, model_id'],
  ['events', 'id'],
  ['anomalies', 'id'],
  ['alerts', 'id'],
];

export const checkUnique = async (query: Query, prefix: string): Promise<readonly StoredCheck[]> => {
  const checks: StoredCheck[] = [];
  for (const [table, key] of UNIQUE) {
    const [row] = await query<{ n: string; u: string }>(
      `SELECT count() AS n, uniqExact(${key}) AS u FROM earshot.${table} WHERE startsWith(sensor_id, '${prefix}')`,
    );
    checks.push({ what: table, rows: Number(row?.n ?? 0), duplicates: Number(row?.n ?? 0) - Number(row?.u ?? 0) });
  }
  return checks;
};
