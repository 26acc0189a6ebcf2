import { KEYED_READ, type ClickHouse } from '@earshot/platform/clickhouse';

import type { SensorSettings } from '../registry/sensor-settings.js';
import { nominalHours, type LocalDay } from './local-day.js';

export interface SensorDay {
  readonly tenantId: string;
  readonly sensorId: string;
  readonly day: LocalDay;
  readonly settings: SensorSettings;
}

const periods = ['day', 'evening', 'night'] as const;
type Period = (typeof periods)[number];

/** Directive 2002/49/EC, Annex I: dB added to the level of a period. */
const penaltyDb: Readonly<Record<Period, number>> = { day: 0, evening: 5, night: 10 };

const finite = (expression: string): string => `if(isFinite(${expression}), ${expression}, NULL)`;

/** Mean energy of a period over the time that was measured in it. */
const meanOf = (period: Period): string => `(energy_${period} / ms_${period})`;
const levelOf = (period: Period): string => finite(`(10 * log10(${meanOf(period)}))`);
const weighted = periods.map((period) => `hours_${period} * exp10(${penaltyDb[period]} / 10) * ${meanOf(period)}`);
const ofPeriod = (period: Period): string => `
      sumIf(covered_ms, period = '${period}') AS ms_${period},
      sumIf(ifNull(covered_ms * exp10((toFloat64(laeq_db) + shift_db) / 10), 0), period = '${period}') AS energy_${period}`;

const lengthMs: Readonly<Record<Period, string>> = {
  day: '1000 * (toInt64(evening_s) - day_s)',
  evening: '1000 * (toInt64(night_s) - evening_s)',
  night: '1000 * (toInt64(end_s) - night_s)',
};

/**
 * Recomputes days from their windows of 15 min and stores them as a higher revision, never incremented.
 *
 * - A window belongs to the period in which it begins: the clocks of all zones move in steps of 15 min.
 * - Lday, Levening and Lnight are energy means over what was measured in the period, whose length is that of the site's clock
 *   (a night with a change of the clocks has 7 or 9 h). Lden weights them with the nominal hours of the periods and the penalties of
 *   0, 5 and 10 dB; it is null while one of them has nothing measured.
 * - Windows re full scale on a day that also has SPL windows are shifted by the day's earliest calibration, as in windows.
 * - Revision = calibration version x 2^48 + version of the sensor's record x 2^40 + sum of the windows' minor revisions: each
 *   term only grows. A change of the clock or the periods, which may leave fewer windows in a day, outweighs the sum.
 */
const statement = `
INSERT INTO levels_1d_rows (
  tenant_id, sensor_id, date, time, evening_time, night_time, end_time, time_zone, window_ms, covered_ms, completeness,
  day_completeness, evening_completeness, night_completeness, lden_db, lday_db, levening_db, lnight_db, laeq_db, lafmax_db,
  full_scale_db, calibration_id, calibration_version, revision, computed_at)
WITH
  due AS (
    SELECT d.1 AS tenant_id, d.2 AS sensor_id, toDate(d.3) AS date, d.4 AS day_s, d.5 AS evening_s, d.6 AS night_s, d.7 AS end_s,
      toDateTime(d.4, 'UTC') AS day_time, d.8 AS time_zone, d.9 AS hours_day, d.10 AS hours_evening, d.11 AS hours_night,
      d.12 AS record_version
    FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {sensors:Array(String)}, {dates:Array(String)},
      {days:Array(Int64)}, {evenings:Array(Int64)}, {nights:Array(Int64)}, {ends:Array(Int64)}, {zones:Array(String)},
      {hoursDay:Array(UInt8)}, {hoursEvening:Array(UInt8)}, {hoursNight:Array(UInt8)}, {records:Array(UInt64)})) AS d)
  ),
  windows AS (
    SELECT *, toInt64(toUnixTimestamp(time)) AS start_s,
      multiIf(start_s < evening_s, 'day', start_s < night_s, 'evening', 'night') AS period,
      argMinIf(full_scale_db, (calibration_version, time), calibration_id != '') OVER (PARTITION BY tenant_id, sensor_id, date) AS first_db,
      if(calibration_id = '', toFloat64(first_db), 0.) AS shift_db
    FROM (
      SELECT tenant_id, sensor_id, time, covered_ms, laeq_db, lafmax_db, full_scale_db, calibration_id, calibration_version, revision
      FROM levels_15m_rows FINAL
      WHERE time >= toDateTime({fromS:Int64}, 'UTC') AND time < toDateTime({toS:Int64}, 'UTC')
        AND (tenant_id, sensor_id) IN (SELECT tenant_id, sensor_id FROM due)
    ) AS w
    ASOF INNER JOIN due ON w.tenant_id = due.tenant_id AND w.sensor_id = due.sensor_id AND w.time >= due.day_time
    WHERE toInt64(toUnixTimestamp(time)) < end_s
  )
SELECT tenant_id, sensor_id, date, toDateTime(day_s, 'UTC'), toDateTime(evening_s, 'UTC'), toDateTime(night_s, 'UTC'),
  toDateTime(end_s, 'UTC'), time_zone, 1000 * (end_s - day_s), covered, least(1, covered / (1000 * (end_s - day_s))),
  ${periods.map((period) => `least(1, ms_${period} / (${lengthMs[period]}))`).join(', ')},
  ${finite(`(10 * log10((${weighted.join(' + ')}) / 24))`)},
  ${periods.map(levelOf).join(', ')},
  ${finite(`(10 * log10((${periods.map((period) => `energy_${period}`).join(' + ')}) / covered))`)},
  ${finite('highest')},
  last_full_scale_db, last_calibration_id, last_version,
  bitShiftLeft(toUInt64(least(last_version, 65535)), 48) + bitShiftLeft(record_version, 40) + minors, now64(3, 'UTC')
FROM (
    SELECT tenant_id, sensor_id, date, day_s, evening_s, night_s, end_s, time_zone, hours_day, hours_evening, hours_night, record_version,
      sum(covered_ms) AS covered,${periods.map(ofPeriod).join(',')},
      max(toFloat64(ifNull(lafmax_db, -inf)) + shift_db) AS highest,
      argMaxIf(full_scale_db, (calibration_version, time), calibration_id != '') AS last_full_scale_db,
      argMaxIf(calibration_id, (calibration_version, time), calibration_id != '') AS last_calibration_id,
      max(calibration_version) AS last_version,
      sum(bitAnd(revision, 0xFFFFFFFFFFFF)) AS minors
    FROM windows
    GROUP BY tenant_id, sensor_id, date, day_s, evening_s, night_s, end_s, time_zone, hours_day, hours_evening, hours_night, record_version
)
${KEYED_READ}`;

/** Recomputes these days. A day without any window gets no row. */
export const recomputeDays = async (clickhouse: ClickHouse, days: readonly SensorDay[]): Promise<void> => {
  if (days.length === 0) return;
  const hours = days.map(({ settings }) => nominalHours(settings.dayHours));
  await clickhouse.command(statement, {
    tenants: days.map(({ tenantId }) => tenantId),
    sensors: days.map(({ sensorId }) => sensorId),
    dates: days.map(({ day }) => day.date),
    days: days.map(({ day }) => day.dayS),
    evenings: days.map(({ day }) => day.eveningS),
    nights: days.map(({ day }) => day.nightS),
    ends: days.map(({ day }) => day.endS),
    zones: days.map(({ settings }) => settings.timeZone),
    hoursDay: hours.map(({ day }) => day),
    hoursEvening: hours.map(({ evening }) => evening),
    hoursNight: hours.map(({ night }) => night),
    records: days.map(({ settings }) => settings.version),
    fromS: Math.min(...days.map(({ day }) => day.dayS)),
    toS: Math.max(...days.map(({ day }) => day.endS)),
  });
};
