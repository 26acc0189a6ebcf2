import type { ClickHouse } from '@earshot/platform/clickhouse';

import type { DateRange } from '../query/range.js';
import { isoOf } from '../query/time.js';
import type { LocalDayJson } from '../schemas/days.js';
import { calibrationOf, type OfSensor } from './levels.js';

interface DayRow {
  readonly date: string;
  readonly time_zone: string;
  readonly day_s: string;
  readonly evening_s: string;
  readonly night_s: string;
  readonly end_s: string;
  readonly window_ms: number;
  readonly covered_ms: number;
  readonly completeness: number;
  readonly day_completeness: number;
  readonly evening_completeness: number;
  readonly night_completeness: number;
  readonly lden_db: number | null;
  readonly lday_db: number | null;
  readonly levening_db: number | null;
  readonly lnight_db: number | null;
  readonly laeq_db: number | null;
  readonly lafmax_db: number | null;
  readonly full_scale_db: number;
  readonly calibration_id: string;
  readonly revision: string;
  readonly computed_ms: string;
}

/** Days by the site's clock whose date lies in the range, in order. */
export const readDays = async (
  clickhouse: ClickHouse,
  { tenantId, sensorId }: OfSensor,
  range: DateRange,
): Promise<readonly LocalDayJson[]> => {
  const epoch = (column: string, name: string): string => `toInt64(toUnixTimestamp(${column})) AS ${name}`;
  const rows = await clickhouse.query<DayRow>(
    `SELECT toString(date) AS date, time_zone, ${epoch('time', 'day_s')}, ${epoch('evening_time', 'evening_s')},
       ${epoch('night_time', 'night_s')}, ${epoch('end_time', 'end_s')}, window_ms, covered_ms, completeness,
       day_completeness, evening_completeness, night_completeness, lden_db, lday_db, levening_db, lnight_db, laeq_db, lafmax_db,
       full_scale_db, calibration_id, toString(revision) AS revision, toUnixTimestamp64Milli(computed_at) AS computed_ms
     FROM levels_1d AS days
     WHERE tenant_id = {tenant:String} AND sensor_id = {sensor:String}
       AND days.date >= toDate({from:String}) AND days.date < toDate({to:String})
     ORDER BY days.date`,
    { tenant: tenantId, sensor: sensorId, from: range.from, to: range.to },
  );
  return rows.map(dayOf);
};

const dayOf = (row: DayRow): LocalDayJson => {
  const at = (seconds: string): string => isoOf(Number(seconds) * 1_000_000);
  return {
    date: row.date,
    timeZone: row.time_zone,
    from: at(row.day_s),
    to: at(row.end_s),
    windowMs: row.window_ms,
    coveredMs: row.covered_ms,
    completeness: row.completeness,
    ldenDb: row.lden_db,
    ldayDb: row.lday_db,
    leveningDb: row.levening_db,
    lnightDb: row.lnight_db,
    laeqDb: row.laeq_db,
    lafmaxDb: row.lafmax_db,
    periods: {
      day: { from: at(row.day_s), to: at(row.evening_s), completeness: row.day_completeness },
      evening: { from: at(row.evening_s), to: at(row.night_s), completeness: row.evening_completeness },
      night: { from: at(row.night_s), to: at(row.end_s), completeness: row.night_completeness },
    },
    ...calibrationOf(row),
    revision: row.revision,
    computedAt: isoOf(Number(row.computed_ms) * 1000),
  };
};
