import type { ClickHouse } from '@earshot/platform/clickhouse';

import type { LiveState } from '../live/live-state.js';
import { isoOf } from '../query/time.js';
import { acousticsColumns, acousticsOf, calibrationOf, type AcousticsRow } from './levels.js';
import {
  alertColumns,
  alertOf,
  anomalyColumns,
  anomalyOf,
  classificationColumns,
  classificationOf,
  eventColumns,
  eventOf,
  type AlertRow,
  type AnomalyRow,
  type ClassificationRow,
  type EventRow,
} from './sound.js';

interface LevelRow extends AcousticsRow {
  readonly sensor_id: string;
  readonly time_us: string;
  readonly duration_ms: number;
  readonly laeq_db: number | null;
  readonly lceq_db: number | null;
  readonly lzeq_db: number | null;
  readonly lafmax_db: number | null;
  readonly lcpeak_db: number | null;
  readonly laf_125ms_db: (number | null)[];
  readonly calibration_id: string;
  readonly full_scale_db: number;
}

/** Tells a tenant's live state what the store knows: for pages that open right after a start of this process. */
export const seedLiveState = async (clickhouse: ClickHouse, tenant: string, state: LiveState): Promise<void> => {
  const newest = (columns: string, table: string, span: string): string =>
    `SELECT ${columns} FROM ${table} WHERE tenant_id = {tenant:String} AND time >= now() - ${span} AND time < now() + toIntervalHour(1)
     ORDER BY sensor_id, time DESC LIMIT 1 BY sensor_id`;
  const levelColumns = `sensor_id, toUnixTimestamp64Micro(time) AS time_us, duration_ms, laeq_db, lceq_db, lzeq_db, lafmax_db, lcpeak_db,
    ${acousticsColumns}, laf_125ms_db, calibration_id, full_scale_db`;
  const [levels, classifications, anomalies, events, alerts] = await Promise.all([
    clickhouse.query<LevelRow>(newest(levelColumns, 'levels_1s', 'toIntervalHour(1)'), { tenant }),
    clickhouse.query<ClassificationRow>(newest(classificationColumns, 'classifications', 'toIntervalMinute(5)'), {
      tenant,
    }),
    clickhouse.query<AnomalyRow>(newest(anomalyColumns, 'anomalies', 'toIntervalHour(1)'), { tenant }),
    clickhouse.query<EventRow>(
      `SELECT ${eventColumns} FROM events
       WHERE tenant_id = {tenant:String} AND onset >= now() - toIntervalHour(24) AND phase != 'close' ORDER BY onset LIMIT 1000`,
      { tenant },
    ),
    clickhouse.query<AlertRow>(
      `SELECT ${alertColumns} FROM alerts
       WHERE tenant_id = {tenant:String} AND raised_time >= now() - toIntervalDay(30) AND state = 'raised' ORDER BY raised_time LIMIT 1000`,
      { tenant },
    ),
  ]);
  for (const row of levels) {
    state.level({
      sensorId: row.sensor_id,
      time: isoOf(Number(row.time_us)),
      durationMs: row.duration_ms,
      laeqDb: row.laeq_db,
      lceqDb: row.lceq_db,
      lzeqDb: row.lzeq_db,
      lafmaxDb: row.lafmax_db,
      lcpeakDb: row.lcpeak_db,
      ...acousticsOf(row),
      ...calibrationOf(row),
      laf125msDb: row.laf_125ms_db,
    });
  }
  for (const row of classifications) state.classification(classificationOf(row));
  for (const row of anomalies) state.anomaly(anomalyOf(row));
  for (const row of events) state.event(eventOf(row));
  for (const row of alerts) state.alert(alertOf(row));
};
