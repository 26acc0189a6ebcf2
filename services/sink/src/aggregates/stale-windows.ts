import type { ClickHouse } from '@earshot/platform/clickhouse';

import type { SensorWindow, WindowSize } from './windows.js';

/**
 * Windows whose aggregate has not seen all of their rows, derived from the data alone: rows stored within the last
 * `sinceHours` whose Kafka offset lies above the one that the aggregate was made from. So a crash loses nothing.
 */
export const findStaleWindows = async (
  clickhouse: ClickHouse,
  size: WindowSize,
  sinceHours: number,
): Promise<readonly SensorWindow[]> => {
  const highest = (table: string, time: string): string => `
    SELECT tenant_id, sensor_id,
      intDiv(toUnixTimestamp64Micro(${time}), ${size.seconds * 1_000_000}) * ${size.seconds} AS start_s,
      max(kafka_offset) AS highest
    FROM ${table}_rows FINAL
    WHERE inserted_time >= now('UTC') - toIntervalHour({hours:UInt32})
    GROUP BY tenant_id, sensor_id, start_s`;
  const behind = (table: string, time: string, column: string, join: string): string => `
    SELECT raw.tenant_id AS tenant_id, raw.sensor_id AS sensor_id, raw.start_s AS start_s
    FROM (${highest(table, time)}) AS raw
    ${join} JOIN (
      SELECT tenant_id, sensor_id, toInt64(toUnixTimestamp(time)) AS start_s, toNullable(${column}) AS seen
      FROM ${size.table}_rows FINAL
    ) AS done ON done.tenant_id = raw.tenant_id AND done.sensor_id = raw.sensor_id AND done.start_s = raw.start_s
    WHERE done.seen IS NULL OR done.seen < raw.highest`;
  const rows = await clickhouse.query<{ tenant_id: string; sensor_id: string; start_s: string }>(
    `SELECT DISTINCT tenant_id, sensor_id, start_s FROM (
      ${behind('levels_1s', 'time', 'levels_kafka_offset', 'LEFT')}
      UNION ALL ${behind('classifications', 'time', 'classifications_kafka_offset', 'INNER')}
      UNION ALL ${behind('events', 'onset', 'events_kafka_offset', 'INNER')}
    ) ORDER BY start_s, tenant_id, sensor_id`,
    { hours: sinceHours },
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, sensorId: row.sensor_id, startS: Number(row.start_s) }));
};
