import { KEYED_READ, type BoundValues, type ClickHouse } from '@earshot/platform/clickhouse';

import type { Resolution } from '../query/range.js';
import { isoOf } from '../query/time.js';
import type { SecondLevelJson, WindowLevelJson } from '../schemas/sound.js';
import { pageClause, pageValues, toPage, type Page, type PageRequest } from './pages.js';
import { rowsOf } from './rows-of.js';

export interface OfSensor {
  readonly tenantId: string;
  readonly sensorId: string;
}

type Include = 'laf125ms' | 'thirdOctave';

interface LevelColumns {
  readonly laeq_db: number | null;
  readonly lceq_db: number | null;
  readonly lzeq_db: number | null;
  readonly lafmax_db: number | null;
  readonly lcpeak_db: number | null;
  readonly calibration_id: string;
  readonly full_scale_db: number;
}

/** Of a second, beside the five levels. */
export interface AcousticsRow {
  readonly lafmin_db: number | null;
  readonly lasmax_db: number | null;
  readonly laimax_db: number | null;
  readonly dc_db: number | null;
  readonly flags: SecondLevelJson['flags'];
}

interface SecondRow extends LevelColumns, AcousticsRow {
  readonly time_us: string;
  readonly received_us: string;
  readonly duration_ms: number;
  readonly clipped_share: number;
  readonly boot_id: string;
  readonly second_index: string;
  readonly laf_125ms_db?: (number | null)[];
  readonly third_octave_db?: (number | null)[];
}

interface WindowRow extends LevelColumns {
  readonly time_us: string;
  readonly window_ms: number;
  readonly covered_ms: number;
  readonly completeness: number;
  readonly excluded_ms: number;
  readonly lae_db: number | null;
  readonly lafmin_db: number | null;
  readonly lasmax_db: number | null;
  readonly la1_db: number | null;
  readonly la5_db: number | null;
  readonly la10_db: number | null;
  readonly la50_db: number | null;
  readonly la90_db: number | null;
  readonly la95_db: number | null;
  readonly la99_db: number | null;
  readonly exceedances: number | null;
  readonly class_shares: Record<string, number>;
  readonly event_counts: Record<string, number>;
  readonly revision: string;
  readonly computed_ms: string;
}

const fiveLevels = 'laeq_db, lceq_db, lzeq_db, lafmax_db, lcpeak_db';

export const calibrationOf = (row: { readonly calibration_id: string; readonly full_scale_db: number }) =>
  row.calibration_id === ''
    ? { calibrationId: null, fullScaleDb: null }
    : { calibrationId: row.calibration_id, fullScaleDb: row.full_scale_db };

const levelsOf = (row: LevelColumns) => ({
  laeqDb: row.laeq_db,
  lceqDb: row.lceq_db,
  lzeqDb: row.lzeq_db,
  lafmaxDb: row.lafmax_db,
  lcpeakDb: row.lcpeak_db,
});

export const acousticsColumns = 'lafmin_db, lasmax_db, laimax_db, dc_db, flags';

export const acousticsOf = (row: AcousticsRow) => ({
  lafminDb: row.lafmin_db,
  lasmaxDb: row.lasmax_db,
  laimaxDb: row.laimax_db,
  dcDb: row.dc_db,
  flags: row.flags,
});

export const readSeconds = async (
  clickhouse: ClickHouse,
  { tenantId, sensorId }: OfSensor,
  request: PageRequest,
  include: readonly Include[],
): Promise<Page<SecondLevelJson>> => {
  const extra = [
    include.includes('laf125ms') ? ', laf_125ms_db' : '',
    include.includes('thirdOctave') ? ', third_octave_db' : '',
  ];
  const columns = await clickhouse.columns(
    `SELECT toUnixTimestamp64Micro(time) AS time_us, toUnixTimestamp64Micro(received_time) AS received_us, duration_ms, ${fiveLevels},
       ${acousticsColumns}, calibration_id, full_scale_db, clipped_share, boot_id, second_index${extra.join('')}
     FROM levels_1s
     WHERE tenant_id = {tenant:String} AND sensor_id = {sensor:String} AND ${pageClause(request, 'time', 'boot_id')}`,
    { tenant: tenantId, sensor: sensorId, ...pageValues(request) },
  );
  return toPage(request, rowsOf<SecondRow>(columns), secondOf, (row) => ({
    timeUs: Number(row.time_us),
    key: row.boot_id,
  }));
};

const secondOf = (row: SecondRow): SecondLevelJson => ({
  time: isoOf(Number(row.time_us)),
  durationMs: row.duration_ms,
  ...levelsOf(row),
  ...acousticsOf(row),
  ...calibrationOf(row),
  clippedShare: row.clipped_share,
  bootId: row.boot_id,
  secondIndex: Number(row.second_index),
  receivedTime: isoOf(Number(row.received_us)),
  ...(row.laf_125ms_db === undefined ? {} : { laf125msDb: row.laf_125ms_db }),
  ...(row.third_octave_db === undefined ? {} : { thirdOctaveDb: row.third_octave_db }),
});

export const windowTables: Readonly<Record<Exclude<Resolution, '1s' | '1d'>, string>> = {
  '1m': 'levels_1m',
  '15m': 'levels_15m',
  '1h': 'levels_1h',
};

/** Windows whose start lies in the range. */
export const readWindows = async (
  clickhouse: ClickHouse,
  { tenantId, sensorId }: OfSensor,
  request: PageRequest,
  resolution: Exclude<Resolution, '1s'>,
): Promise<Page<WindowLevelJson>> => {
  const stored = resolution === '1d' ? undefined : windowTables[resolution];
  const ofSensor = 'tenant_id = {tenant:String} AND sensor_id = {sensor:String}';
  const columns = await clickhouse.columns(
    `SELECT toUnixTimestamp64Micro(${stored === undefined ? 'start' : "toDateTime64(time, 6, 'UTC')"}) AS time_us,
       window_ms, covered_ms, completeness, ${fiveLevels}, excluded_ms, lae_db, lafmin_db, lasmax_db,
       la1_db, la5_db, la10_db, la50_db, la90_db, la95_db, la99_db, exceedances, calibration_id, full_scale_db, class_shares, event_counts, toString(revision) AS revision,
       toUnixTimestamp64Milli(computed_at) AS computed_ms
     FROM ${
       stored === undefined
         ? `(${dayRows} WHERE ${ofSensor}
       AND time >= toStartOfDay(fromUnixTimestamp64Micro({fromUs:Int64}, 'UTC'), 'UTC')
       AND time < toStartOfDay(fromUnixTimestamp64Micro({toUs:Int64}, 'UTC'), 'UTC') + toIntervalDay(1)${dayGroups})
     WHERE ${pageClause(request, 'start', "''")}`
         : `${stored} WHERE ${ofSensor} AND ${windowClause(request)} ${KEYED_READ}`
     }`,
    {
      ...{ tenant: tenantId, sensor: sensorId },
      ...(stored === undefined ? pageValues(request) : windowValues(request)),
    },
  );
  return toPage(request, rowsOf<WindowRow>(columns), windowOf, (row) => ({ timeUs: Number(row.time_us), key: '' }));
};

/** As `pageClause`, over a column of whole seconds and in the order of the primary key, so that reading ends with the page. */
const windowClause = ({ after, order }: PageRequest): string => {
  const beyond =
    after === undefined ? '' : ` AND time ${order === 'asc' ? '>' : '<'} toDateTime({afterS:UInt32}, 'UTC')`;
  const direction = order === 'asc' ? 'ASC' : 'DESC';
  return (
    `time >= toDateTime({fromS:UInt32}, 'UTC') AND time < toDateTime({toS:UInt32}, 'UTC')${beyond} ` +
    `ORDER BY tenant_id ${direction}, sensor_id ${direction}, time ${direction} LIMIT {rows:UInt32}`
  );
};

const windowValues = ({ fromUs, toUs, after, limit }: PageRequest): BoundValues => ({
  fromS: secondOfDateTime(fromUs),
  toS: secondOfDateTime(toUs),
  rows: limit + 1,
  ...(after === undefined ? {} : { afterS: secondOfDateTime(after.timeUs) }),
});

/** First whole second that is not before the time, within what DateTime holds (1970 to 2106). */
export const secondOfDateTime = (timeUs: number): number => Math.min(2 ** 32 - 1, Math.max(0, Math.ceil(timeUs / 1e6)));

/** Whole UTC days from hours, by the rules of the sink's windows: energy by covered time, hours re full scale shifted. */
const dayMean = (column: string): string => {
  const shift = `if(calibration_id = '', first_full_scale_db, 0)`;
  return `10 * log10(sum(covered_ms * exp10((toFloat64(${column}) + ${shift}) / 10)) / sum(covered_ms)) AS ${column.replace('_db', '')}`;
};
const dayMax = (column: string): string =>
  `max(${column} + if(calibration_id = '', first_full_scale_db, 0)) AS ${column.replace('_db', '')}`;

const dayRows = `
  SELECT day AS start, toUInt32(86400000) AS window_ms, toUInt32(covered) AS covered_ms, least(1, covered / 86400000) AS completeness,
    laeq AS laeq_db, lceq AS lceq_db, lzeq AS lzeq_db, lafmax AS lafmax_db, lcpeak AS lcpeak_db,
    if(isFinite(lae), lae, NULL) AS lae_db, if(isFinite(lafmin), lafmin, NULL) AS lafmin_db, lasmax AS lasmax_db, toUInt32(excluded) AS excluded_ms,
    ${[1, 5, 10, 50, 90, 95, 99].map((percent) => `NULL AS la${percent}_db`).join(', ')}, exceeded AS exceedances, last_calibration AS calibration_id, last_full_scale AS full_scale_db,
    mapApply((label, part) -> (label, part / greatest(covered, 1)), parts) AS class_shares,
    mapApply((label, n) -> (label, toUInt32(n)), counts) AS event_counts, revision, computed_at
  FROM (
    SELECT day, sum(covered_ms) AS covered,
      ${['laeq_db', 'lceq_db', 'lzeq_db'].map(dayMean).join(', ')},
      ${['lafmax_db', 'lcpeak_db', 'lasmax_db'].map(dayMax).join(', ')},
      min(lafmin_db + if(calibration_id = '', first_full_scale_db, 0)) AS lafmin,
      laeq + 10 * log10(covered / 1000) AS lae, sum(excluded_ms) AS excluded, toUInt32(sumOrNull(exceedances)) AS exceeded,
      argMaxIf(calibration_id, (calibration_version, time), calibration_id != '') AS last_calibration,
      argMaxIf(full_scale_db, (calibration_version, time), calibration_id != '') AS last_full_scale,
      sumMap(mapApply((label, share) -> (label, toFloat64(share) * covered_ms), class_shares)) AS parts,
      sumMap(mapApply((label, n) -> (label, toUInt64(n)), event_counts)) AS counts,
      max(revision) AS revision, max(computed_at) AS computed_at
    FROM (
      SELECT *, toDateTime64(toStartOfDay(time, 'UTC'), 6, 'UTC') AS day,
        argMinIf(full_scale_db, (calibration_version, time), calibration_id != '') OVER (PARTITION BY toStartOfDay(time, 'UTC')) AS first_full_scale_db
      FROM levels_1h`;
const dayGroups = `
    ) GROUP BY day
  )`;

const windowOf = (row: WindowRow): WindowLevelJson => ({
  time: isoOf(Number(row.time_us)),
  windowMs: row.window_ms,
  coveredMs: row.covered_ms,
  completeness: row.completeness,
  ...levelsOf(row),
  laeDb: row.lae_db,
  lafminDb: row.lafmin_db,
  lasmaxDb: row.lasmax_db,
  la1Db: row.la1_db,
  la5Db: row.la5_db,
  la10Db: row.la10_db,
  la50Db: row.la50_db,
  la90Db: row.la90_db,
  la95Db: row.la95_db,
  la99Db: row.la99_db,
  exceedances: row.exceedances,
  excludedMs: row.excluded_ms,
  ...calibrationOf(row),
  classShares: row.class_shares,
  eventCounts: row.event_counts,
  revision: row.revision,
  computedAt: isoOf(Number(row.computed_ms) * 1000),
});
