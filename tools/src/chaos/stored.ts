import { energyMeanDb, exceededDb } from '@earshot/core/levels';

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

interface SecondRow {
  readonly sensor_id: string;
  readonly s: string;
  readonly duration_ms: number;
  readonly laeq_db: number | null;
  readonly laf_125ms_db: readonly (number | null)[];
}

interface WindowRow {
  readonly sensor_id: string;
  readonly s: string;
  readonly seconds: number;
  readonly covered_ms: number;
  readonly laeq_db: number | null;
  readonly la50_db: number | null;
}

export interface AggregateCheck {
  readonly windows: number;
  readonly different: number;
  readonly examples: readonly string[];
}

const SIZES = [
  ['levels_1m', 60],
  ['levels_15m', 900],
  ['levels_1h', 3600],
] as const;
const CLOSE_DB = 0.005;

const isClose = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= CLOSE_DB;

/** Every window against what its stored seconds give in plain TypeScript. */
export const checkAggregates = async (query: Query, prefix: string): Promise<AggregateCheck> => {
  const seconds = await query<SecondRow>(
    `SELECT sensor_id, toUnixTimestamp64Micro(time) AS s, duration_ms, laeq_db, laf_125ms_db FROM earshot.levels_1s
     WHERE startsWith(sensor_id, '${prefix}') ORDER BY sensor_id, time`,
  );
  const examples: string[] = [];
  let [windows, different] = [0, 0];
  for (const [table, sizeS] of SIZES) {
    const groups = new Map<string, SecondRow[]>();
    for (const second of seconds) {
      const id = `${second.sensor_id} ${Math.floor(Number(second.s) / 1e6 / sizeS) * sizeS}`;
      const group = groups.get(id);
      if (group === undefined) groups.set(id, [second]);
      else group.push(second);
    }
    const rows = await query<WindowRow>(
      `SELECT sensor_id, toInt64(toUnixTimestamp(time)) AS s, seconds, covered_ms, laeq_db, la50_db FROM earshot.${table}
       WHERE startsWith(sensor_id, '${prefix}')`,
    );
    const stored = new Map(rows.map((row) => [`${row.sensor_id} ${row.s}`, row]));
    for (const id of new Set([...groups.keys(), ...stored.keys()])) {
      const group = groups.get(id) ?? [];
      const row = stored.get(id);
      const laeqDb = energyMeanDb(
        group.map((one) => one.laeq_db),
        group.map((one) => one.duration_ms),
      );
      const coveredMs = group.reduce((sum, one) => sum + one.duration_ms, 0);
      const laf = group.flatMap((one) => one.laf_125ms_db);
      const la50Db = laf.includes(null) ? (row?.la50_db ?? null) : exceededDb(laf, 50);
      windows += 1;
      const same =
        row?.seconds === group.length &&
        row.covered_ms === coveredMs &&
        isClose(row.laeq_db, laeqDb) &&
        isClose(row.la50_db, la50Db);
      if (same) continue;
      different += 1;
      const expected = { seconds: group.length, coveredMs, laeqDb, la50Db };
      if (examples.length < 5)
        examples.push(`${table} ${id}: ${JSON.stringify(row)}, expected ${JSON.stringify(expected)}`);
    }
  }
  return { windows, different, examples };
};
