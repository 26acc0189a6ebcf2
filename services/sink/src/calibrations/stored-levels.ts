import type { ClickHouse } from '@earshot/platform/clickhouse';

import type { CalibrationSegment } from './ledger.js';

export interface OneSensor {
  readonly tenantId: string;
  readonly sensorId: string;
}

/** A UTC day of a sensor with rows in the segments asked for. */
export interface StoredDay {
  /** Seconds since the Unix epoch. */
  readonly startS: number;
  /** Whether rows in it were made with an older calibration than the one in force. */
  readonly behind: boolean;
}

const DAY_US = 86_400_000_000;

const one = ['laeq_db', 'lceq_db', 'lzeq_db', 'lafmax_db', 'lcpeak_db', 'lafmin_db', 'lasmax_db', 'laimax_db', 'dc_db'];
const several = ['laf_125ms_db', 'laeq_125ms_db', 'third_octave_db'];
const kept = [
  'tenant_id',
  'sensor_id',
  'time',
  'boot_id',
  'second_index',
  'duration_ms',
  'sample_rate_hz',
  'clipped_share',
  'flags',
  'received_time',
  'kafka_partition',
  'kafka_offset',
  // Kept too: retention counts from when the second was first stored.
  'inserted_time',
];

/** Place of the calibration in force at a row's time among the sensor's segments; 0: before the first. */
const place = 'arrayLastIndex(f -> f <= toUnixTimestamp64Micro(time), {froms:Array(Int64)})';
const isBehind = `calibration_version < {versions:Array(UInt32)}[${place}] AND (calibration_id = '' OR full_scale_db != 0)`;
const ofSensor = 'tenant_id = {tenant:String} AND sensor_id = {sensor:String}';
const between =
  "time >= fromUnixTimestamp64Micro({fromUs:Int64}, 'UTC') AND time < fromUnixTimestamp64Micro({toUs:Int64}, 'UTC')";

const segmentValues = (sensor: OneSensor, segments: readonly CalibrationSegment[]) => ({
  tenant: sensor.tenantId,
  sensor: sensor.sensorId,
  froms: segments.map(({ fromUs }) => fromUs),
  versions: segments.map(({ version }) => version),
});

/** The days with rows in the segments of these versions, in order. */
export const findDays = async (
  clickhouse: ClickHouse,
  sensor: OneSensor,
  segments: readonly CalibrationSegment[],
  versions: ReadonlySet<number>,
): Promise<readonly StoredDay[]> => {
  const first = segments.findIndex(({ version }) => versions.has(version));
  const last = segments.findLastIndex(({ version }) => versions.has(version));
  const stretch = first === -1 ? [] : segments.slice(first, last + 2);
  const [start] = stretch;
  if (start === undefined) return [];
  const wanted = stretch.map(({ version }) => version).filter((version) => versions.has(version));
  const rows = await clickhouse.query<{ start_s: string; behind: string }>(
    `SELECT toInt64(toUnixTimestamp(toStartOfDay(time, 'UTC'))) AS start_s, countIf(${isBehind}) AS behind
     FROM levels_1s_rows FINAL
     WHERE ${ofSensor} AND time >= fromUnixTimestamp64Micro({fromUs:Int64}, 'UTC')
       AND has({wanted:Array(UInt32)}, {versions:Array(UInt32)}[${place}])
     GROUP BY start_s ORDER BY start_s`,
    { ...segmentValues(sensor, stretch), fromUs: start.fromUs, wanted },
  );
  return rows.map((row) => ({ startS: Number(row.start_s), behind: Number(row.behind) > 0 }));
};

/**
 * Writes the rows of one UTC day anew with the calibration in force at their time: every level shifted by the difference of the
 * full-scale levels, null stays null, row_version = calibration version x 2^48 + the row's own Kafka offset. Rows that have it
 * already are left alone, so any number of runs, by any number of instances, gives the same rows.
 */
export const correctDay = async (
  clickhouse: ClickHouse,
  sensor: OneSensor,
  segments: readonly CalibrationSegment[],
  startS: number,
): Promise<void> => {
  const fromUs = startS * 1_000_000;
  const toUs = fromUs + DAY_US;
  const inForce = segments.filter(
    (segment, index) => segment.fromUs < toUs && (segments[index + 1]?.fromUs ?? Infinity) > fromUs,
  );
  const shifted = [
    ...one.map((column) => `toFloat32(${column} + shift_db)`),
    ...several.map((column) => `arrayMap(x -> toFloat32(x + shift_db), ${column})`),
  ];
  await clickhouse.command(
    `INSERT INTO levels_1s_rows (${[...kept, ...one, ...several].join(', ')},
       full_scale_db, calibration_id, calibration_version, row_version)
     SELECT ${[...kept, ...shifted].join(', ')},
       {scales:Array(Float64)}[at], {ids:Array(String)}[at], {versions:Array(UInt32)}[at],
       bitShiftLeft(toUInt64(least({versions:Array(UInt32)}[at], 65535)), 48) + toUInt64(kafka_offset)
     FROM (
       SELECT *, ${place} AS at, {scales:Array(Float64)}[at] - toFloat64(full_scale_db) AS shift_db
       FROM levels_1s_rows FINAL WHERE ${ofSensor} AND ${between} AND ${isBehind}
     )`,
    {
      ...segmentValues(sensor, inForce),
      scales: inForce.map(({ fullScaleDb }) => fullScaleDb),
      ids: inForce.map(({ calibrationId }) => calibrationId),
      fromUs,
      toUs,
    },
  );
};
