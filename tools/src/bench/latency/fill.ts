import { TENANT } from '../../chaos/sensors.js';

/** What the tables hold: window aggregates of many sensors over a year, of whom the tenant under test owns some. */
export interface FillPlan {
  /** In `levels_15m_rows`, about; the other tables follow from it. */
  readonly rows: number;
  /** Of the tenant under test, with ids by `sensorIdOf`. */
  readonly ownSensors: number;
  readonly seed: number;
  /** End of the year, s since the Unix epoch; a whole UTC day. */
  readonly endS: number;
}

export const DAY_S = 86_400;
export const YEAR_S = 365 * DAY_S;
const WINDOWS_OF_YEAR = YEAR_S / 900;

/** Other tenants, one before and one behind the tenant under test in the order of the tables. */
const NEIGHBOURS = ['a-neighbour', 'z-neighbour'] as const;
/** Windows that were computed twice: what FINAL has to decide. */
const REVISED_SHARE = 0.01;
/** Of the plan's rows: what `levels_1s_rows` gets, the last seconds of every own sensor. */
const SECONDS_SHARE = 0.036;

export const sensorIdOf = (index: number): string => `lat-${String(index + 1).padStart(4, '0')}`;

/** Sensors that have a year of 15 min windows. */
export const sensorsOf = ({ rows }: FillPlan): number => Math.ceil(rows / WINDOWS_OF_YEAR);

/** Tenant and id of sensor `n` of `sensors` as SQL; in the order of the tables, so that blocks come sorted. */
const identity = (own: number, sensors: number): string => {
  const before = Math.floor((sensors - own) / 2);
  const isOwn = `n >= ${before} AND n < ${before + own}`;
  return `
    multiIf(n < ${before}, '${NEIGHBOURS[0]}', ${isOwn}, '${TENANT}', '${NEIGHBOURS[1]}') AS tenant_id,
    concat('lat-', leftPad(toString(multiIf(n < ${before}, n, ${isOwn}, n - ${before}, n - ${before + own}) + 1), 4, '0')) AS sensor_id`;
};

/** A site's own level, louder by day than by night, and weather, dB to 0.1 dB; `h` is an even hash of sensor and time. */
const laeq = (seed: number): string => `
    toFloat32(round(40 + cityHash64(${seed}, n) % 200 / 10 + 7 * sin(2 * pi() * (at % ${DAY_S} - 32400) / ${DAY_S})
      + (h % 71 - 35) / 10, 1))`;

/** Offset from LAeq by other bits of the hash, dB to 0.1 dB. */
const beside = (fromDb: number, spreadDb: number, bits: number): string =>
  `toFloat32(round(laeq_db + ${fromDb} + bitShiftRight(h, ${bits}) % ${spreadDb * 10} / 10, 1))`;

const windowColumns: readonly (readonly [string, (seed: number) => string])[] = [
  ['laeq_db', laeq],
  ['lae_db', () => 'toFloat32(round(laeq_db + 10 * log10(windowS), 1))'],
  ['lceq_db', () => beside(4, 5, 8)],
  ['lzeq_db', () => beside(6, 6, 12)],
  ['lafmax_db', () => beside(8, 12, 16)],
  ['lcpeak_db', () => beside(24, 12, 20)],
  ['lafmin_db', () => beside(-14, 4, 24)],
  ['lasmax_db', () => beside(6, 8, 28)],
  ['la1_db', () => beside(6, 3, 30)],
  ['la5_db', () => beside(4, 2, 32)],
  ['la10_db', () => beside(2, 2, 34)],
  ['la50_db', () => beside(-3, 2, 36)],
  ['la90_db', () => beside(-8, 3, 38)],
  ['la95_db', () => beside(-9, 3, 40)],
  ['la99_db', () => beside(-11, 3, 42)],
];

interface WindowTable {
  readonly table: string;
  readonly windowS: number;
  readonly sensors: number;
  /** Half-open, s since the Unix epoch. */
  readonly fromS: number;
  readonly toS: number;
}

/** Rows of one partition; `revised`: the share that is computed again, a moment later. */
const windowsStatement = (plan: FillPlan, table: WindowTable, revised: boolean): string => {
  const { windowS, sensors, fromS, toS } = table;
  const perSensor = (toS - fromS) / windowS;
  const names = windowColumns.map(([name]) => name);
  return `
  INSERT INTO earshot.${table.table}_rows (tenant_id, sensor_id, time, window_ms, seconds, covered_ms, completeness, ${names.join(', ')},
    full_scale_db, calibration_id, calibration_version, class_shares, event_counts,
    levels_kafka_offset, classifications_kafka_offset, events_kafka_offset, revision, computed_at)
  WITH ${windowS} AS windowS, intDiv(number, ${perSensor}) AS n, ${fromS} + number % ${perSensor} * ${windowS} AS at,
    cityHash64(${plan.seed}, n, at) AS h, h % 50 = 0 AS hasGap
  SELECT ${identity(Math.min(plan.ownSensors, sensors), sensors)}, toDateTime(at, 'UTC') AS time,
    windowS * 1000, windowS - if(hasGap, 7, 0) AS seconds, seconds * 1000, seconds / windowS,
    ${windowColumns.map(([name, of]) => `${of(plan.seed)} AS ${name}`).join(', ')},
    120, 'cal-1', 1, if(h % 8 = 0, map('dog', toFloat32(0.05)), map()), if(h % 8 = 0, map('dog', 2), map()),
    at, at, 0, bitShiftLeft(toUInt64(1), 48) + at + ${revised ? 1 : 0}, toDateTime64(at + windowS + ${revised ? 600 : 2}, 3, 'UTC')
  FROM numbers(${sensors * perSensor}) ${revised ? `WHERE h % ${Math.round(1 / REVISED_SHARE)} = 1` : ''}
  SETTINGS max_insert_threads = 1, max_threads = 2, max_block_size = 262144, min_insert_block_size_rows = 2097152, min_insert_block_size_bytes = 0, optimize_on_insert = 0`;
};

/** Starts of UTC months within [fromS, toS), with both ends, s. */
const monthsOf = (fromS: number, toS: number): readonly (readonly [number, number])[] => {
  const cuts = [fromS];
  for (let month = 1; ; month++) {
    const first = new Date(fromS * 1000);
    const cut = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + month, 1) / 1000;
    if (cut >= toS) break;
    cuts.push(cut);
  }
  return cuts.map((cut, index) => [cut, cuts[index + 1] ?? toS] as const);
};

const secondsStatement = (plan: FillPlan, nowS: number): string => {
  const perSensor = Math.max(60, Math.min(3600, Math.floor((plan.rows * SECONDS_SHARE) / plan.ownSensors)));
  const fromS = nowS - perSensor;
  return `
  INSERT INTO earshot.levels_1s_rows (tenant_id, sensor_id, time, boot_id, second_index, duration_ms, sample_rate_hz,
    laeq_db, lceq_db, lzeq_db, lafmax_db, lcpeak_db, laf_125ms_db, laeq_125ms_db, third_octave_db, full_scale_db, calibration_id, calibration_version,
    clipped_share, received_time, kafka_partition, kafka_offset, row_version)
  WITH intDiv(number, ${perSensor}) AS n, ${fromS} + number % ${perSensor} AS at, cityHash64(${plan.seed}, n, at) AS h
  SELECT ${identity(plan.ownSensors, plan.ownSensors)}, toDateTime64(at, 6, 'UTC') AS time, 'fill', at - ${fromS}, 1000, 16000,
    ${laeq(plan.seed)} AS laeq_db, ${beside(4, 5, 8)}, ${beside(6, 6, 12)}, ${beside(3, 6, 16)}, ${beside(16, 12, 20)},
    arrayMap(i -> toFloat32(round(laeq_db + bitShiftRight(h, i * 4) % 50 / 10 - 2.5, 1)), range(8)), [],
    arrayMap(i -> toFloat32(round(laeq_db - 6 - i / 2 + bitShiftRight(h, i) % 60 / 10, 1)), range(28)),
    120, 'cal-1', 1, 0, time, 0, at, 1
  FROM numbers(${plan.ownSensors * perSensor})
  SETTINGS max_threads = 2, max_block_size = 65536, min_insert_block_size_rows = 262144, min_insert_block_size_bytes = 0, optimize_on_insert = 0`;
};

/** Statements that fill the tables, in order; each makes the rows of one partition. */
export const fillStatements = (plan: FillPlan, nowS: number): readonly string[] => {
  const { endS, ownSensors } = plan;
  const many = sensorsOf(plan);
  const fromS = endS - YEAR_S;
  const year = { fromS, toS: endS };
  const tables: readonly WindowTable[] = [
    { table: 'levels_1h', windowS: 3600, sensors: Math.max(many, ownSensors), ...year },
    { table: 'levels_1m', windowS: 60, sensors: ownSensors, fromS: endS - DAY_S, toS: endS },
    { table: 'levels_15m', windowS: 900, sensors: many, ...year },
  ];
  const windows = tables.flatMap((table) =>
    monthsOf(table.fromS, table.toS).flatMap(([from, to]) =>
      [false, true].map((revised) => windowsStatement(plan, { ...table, fromS: from, toS: to }, revised)),
    ),
  );
  return [...windows, secondsStatement(plan, nowS)];
};

/** Runs a statement over ClickHouse's HTTP interface. */
export const execute = async (url: string, sql: string): Promise<void> => {
  const response = await fetch(url, { method: 'POST', body: sql });
  const text = await response.text();
  if (!response.ok) throw new Error(`${text.slice(0, 500)}\n${sql.slice(0, 300)}`);
};
