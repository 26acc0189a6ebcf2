import { KEYED_READ, type ClickHouse } from '@earshot/platform/clickhouse';

import type { SensorSettings } from '../registry/sensor-settings.js';
import type { SensorWindow, WindowSize } from './windows.js';

/** Stands for no limit among bound values, which can't be null; limits are 0 or more. */
const NO_LIMIT_DB = -1;

/**
 * Recomputes windows from their rows and stores them as a higher revision. Nothing is incremented: any number of runs,
 * by any number of instances, gives the same rows.
 *
 * - Levels are energy means weighted by duration; seconds without energy count with their duration and no energy. LAE is the
 *   energy of the covered time, re 1 s. LAFmin is the least of the seconds that have one.
 * - L1 to L99 are the levels exceeded 1 to 99 % of the time among the 125 ms LAF samples, percentiles with linear
 *   interpolation (numpy's default); null when the percentile falls on samples without energy.
 * - Exceedances: samples of LAF above the sensor's limit whose predecessor in the window was not; a window that begins above it
 *   counts that. Null without a limit, without samples or without a calibration.
 * - Seconds with one of the flags that the sensor's record excludes count in excluded_ms and in nothing else.
 * - Calibration: SPL rows are comparable whatever calibration made them. Rows re full scale in a window that also has SPL rows are shifted
 *   by the full-scale level of the window's earliest calibration (the microphone was the same, only not known yet).
 *   The window carries the calibration of the highest version. Without SPL rows it stays re full scale.
 * - Revision = calibration version x 2^48 + sum over levels, classifications and events of (highest Kafka offset in the window + 1)
 *   + sum of the rows' calibration versions + version of the sensor's record. Each term only grows, also in the middle of a
 *   retroactive calibration, so a computation that has seen more never loses to one that has seen less.
 */
const statement = (size: WindowSize): string => `
INSERT INTO ${size.table}_rows (
  tenant_id, sensor_id, time, window_ms, seconds, covered_ms, excluded_ms, completeness,
  laeq_db, lae_db, lceq_db, lzeq_db, lafmax_db, lcpeak_db, lafmin_db, lasmax_db,
  la1_db, la5_db, la10_db, la50_db, la90_db, la95_db, la99_db, exceedances,
  full_scale_db, calibration_id, calibration_version, class_shares, event_counts,
  levels_kafka_offset, classifications_kafka_offset, events_kafka_offset, revision, computed_at)
WITH
  due AS (
    SELECT w.1 AS tenant_id, w.2 AS sensor_id, toDateTime(w.3, 'UTC') AS window, splitByChar(',', w.4) AS excluded, w.5 AS record_version, w.6 AS asked_db
    FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {sensors:Array(String)}, {starts:Array(Int64)},
      {excluded:Array(String)}, {records:Array(UInt64)}, {limits:Array(Float64)})) AS w)
  ),
  l AS (
    SELECT tenant_id, sensor_id, ${windowStart('time', size)} AS window,
      countIf(NOT left_out) AS seconds,
      sum(used_ms) AS covered_ms,
      sum(duration_ms) - sum(used_ms) AS excluded_ms,
      ${energies('laeq_db', 'a')},
      ${energies('lceq_db', 'c')},
      ${energies('lzeq_db', 'z')},
      ${maxima('lafmax_db', 'af')},
      ${maxima('lcpeak_db', 'peak')},
      ${maxima('lasmax_db', 'as')},
      ${minima('lafmin_db', 'af_least')},
      groupArrayArrayIf(laf, calibration_id != '') AS laf_spl,
      groupArrayArrayIf(laf, calibration_id = '') AS laf_fs,
      argMinIf(full_scale_db, (calibration_version, time), calibration_id != '') AS first_full_scale_db,
      argMaxIf(full_scale_db, (calibration_version, time), calibration_id != '') AS last_full_scale_db,
      argMaxIf(calibration_id, (calibration_version, time), calibration_id != '') AS last_calibration_id,
      max(calibration_version) AS last_calibration_version,
      sum(calibration_version) AS calibration_sum,
      any(record_version) AS record_version,
      any(asked_db) AS limit_db,
      groupArrayIf((time, laf, calibration_id != ''), NOT left_out AND asked_db != ${NO_LIMIT_DB}) AS series,
      max(kafka_offset) AS highest_offset
    FROM (
      SELECT *, hasAny(arrayMap(flag -> toString(flag), flags), excluded) AS left_out, if(left_out, 0, duration_ms) AS used_ms,
        if(left_out, [], arrayMap(x -> toFloat64(ifNull(x, -inf)), laf_125ms_db)) AS laf
      FROM (
        SELECT * FROM levels_1s_rows FINAL
        WHERE ${within('time')} AND (tenant_id, sensor_id, ${windowStart('time', size)}) IN (SELECT tenant_id, sensor_id, window FROM due)
      ) AS stored
      INNER JOIN (SELECT DISTINCT tenant_id, sensor_id, excluded, record_version, asked_db FROM due) AS record USING (tenant_id, sensor_id)
    )
    GROUP BY tenant_id, sensor_id, window
  ),
  c AS (
    SELECT tenant_id, sensor_id, ${windowStart('time', size)} AS window,
      countIf(NOT discontinuity) AS class_windows,
      sumMap(mapApply((label, p) -> (label, toUInt64(p >= 0.5)), probabilities)) AS class_hits,
      max(kafka_offset) AS c_highest,
      true AS c_seen
    FROM classifications_rows FINAL
    WHERE ${within('time')} AND (tenant_id, sensor_id, ${windowStart('time', size)}) IN (SELECT tenant_id, sensor_id, window FROM due)
    GROUP BY tenant_id, sensor_id, window
  ),
  e AS (
    SELECT tenant_id, sensor_id, ${windowStart('onset', size)} AS window,
      sumMap(map(label, toUInt64(1))) AS counts,
      max(kafka_offset) AS e_highest,
      true AS e_seen
    FROM events_rows FINAL
    WHERE ${within('onset')} AND (tenant_id, sensor_id, ${windowStart('onset', size)}) IN (SELECT tenant_id, sensor_id, window FROM due)
    GROUP BY tenant_id, sensor_id, window
  ),
  joined AS (
    SELECT *, if(c_seen, c_highest, -1) AS c_offset, if(e_seen, e_highest, -1) AS e_offset
    FROM l
    LEFT JOIN c USING (tenant_id, sensor_id, window)
    LEFT JOIN e USING (tenant_id, sensor_id, window)
  )
SELECT tenant_id, sensor_id, window, ${size.seconds * 1000}, seconds, covered_ms, excluded_ms,
  least(1, covered_ms / ${size.seconds * 1000}),
  ${mean('a')}, ${finite(`(10 * log10((${energy('a')}) / 1000))`)}, ${mean('c')}, ${mean('z')},
  ${maximum('af')}, ${maximum('peak')}, ${finite('least(af_least_spl, af_least_fs + first_full_scale_db)')}, ${maximum('as')},
  ${[7, 6, 5, 4, 3, 2, 1].map((at) => finite(`percentiles[${at}]`)).join(', ')},
  if(limit_db = ${NO_LIMIT_DB} OR last_calibration_id = '' OR empty(heard), NULL, toUInt32(arraySum(arrayMap((x, before) -> x > limit_db AND before <= limit_db, heard, arrayPushFront(arrayPopBack(heard), -inf))))),
  last_full_scale_db, last_calibration_id, last_calibration_version,
  mapFilter((label, share) -> share > 0, mapApply((label, n) -> (label, toFloat32(n / class_windows)), class_hits)),
  mapApply((label, n) -> (label, toUInt32(n)), counts),
  highest_offset, c_offset, e_offset,
  bitShiftLeft(toUInt64(least(last_calibration_version, 65535)), 48) + toUInt64(highest_offset + c_offset + e_offset + 3)
    + calibration_sum + record_version,
  now64(3, 'UTC')
FROM (
  SELECT *,
    arrayReduce('quantilesExactInclusive(0.01, 0.05, 0.1, 0.5, 0.9, 0.95, 0.99)',
      arrayConcat(laf_spl, arrayMap(x -> x + first_full_scale_db, laf_fs))) AS percentiles,
    arrayFlatten(arrayMap(s -> arrayMap(x -> x + if(s.3, 0, first_full_scale_db), s.2), arraySort(s -> s.1, series))) AS heard
  FROM joined
)
${KEYED_READ}`;

const windowStart = (column: string, size: WindowSize): string =>
  `toDateTime(intDiv(toUnixTimestamp64Micro(${column}), ${size.seconds * 1_000_000}) * ${size.seconds}, 'UTC')`;

const within = (column: string): string =>
  `${column} >= fromUnixTimestamp64Micro({fromUs:Int64}, 'UTC') AND ${column} < fromUnixTimestamp64Micro({toUs:Int64}, 'UTC')` +
  ` AND (tenant_id, sensor_id) IN (SELECT tenant_id, sensor_id FROM due)`;

/** Energy x duration (ms) of SPL rows and of rows re full scale. */
const energies = (column: string, name: string): string =>
  (['spl', 'fs'] as const)
    .map((kind) => {
      const condition = kind === 'spl' ? "calibration_id != ''" : "calibration_id = ''";
      return `ifNull(sumIf(used_ms * exp10(toFloat64(${column}) / 10), ${condition}), 0) AS ${name}_${kind}`;
    })
    .join(',\n      ');

const maxima = (column: string, name: string): string =>
  `toFloat64(ifNull(maxIf(${column}, NOT left_out AND calibration_id != ''), -inf)) AS ${name}_spl,
      toFloat64(ifNull(maxIf(${column}, NOT left_out AND calibration_id = ''), -inf)) AS ${name}_fs`;

const minima = (column: string, name: string): string =>
  `toFloat64(ifNull(minIf(${column}, NOT left_out AND calibration_id != ''), inf)) AS ${name}_spl,
      toFloat64(ifNull(minIf(${column}, NOT left_out AND calibration_id = ''), inf)) AS ${name}_fs`;

const finite = (expression: string): string => `if(isFinite(${expression}), ${expression}, NULL)`;

/** Energy x duration (ms) of the whole window. */
const energy = (name: string): string => `${name}_spl + ${name}_fs * exp10(first_full_scale_db / 10)`;

const mean = (name: string): string => finite(`(10 * log10((${energy(name)}) / covered_ms))`);

const maximum = (name: string): string => finite(`greatest(${name}_spl, ${name}_fs + first_full_scale_db)`);

/**
 * Bounds of one statement: seconds of sound (memory: about 100 bytes each) and text of the bound ids. Analysing the statement costs as
 * much as some hundred windows, so many go together; bound values travel in the URL, of which ClickHouse takes 1 MiB, 128 KiB per value.
 */
const MAX_SECONDS = 400_000;
const MAX_ID_CHARACTERS = 40_000;

/** Cuts windows into pieces that one statement can do; windows of one time stay together, so that few days are read. */
export const toChunks = (windows: readonly SensorWindow[], size: WindowSize): readonly (readonly SensorWindow[])[] => {
  const ordered = windows.toSorted((a, b) => a.startS - b.startS);
  const chunks: SensorWindow[][] = [];
  let characters = Infinity;
  for (const window of ordered) {
    const cost = window.tenantId.length + window.sensorId.length + 40;
    const current = chunks.at(-1);
    const full = current === undefined || (current.length + 1) * size.seconds > MAX_SECONDS;
    if (full || characters + cost > MAX_ID_CHARACTERS) {
      chunks.push([window]);
      characters = cost;
    } else {
      current.push(window);
      characters += cost;
    }
  }
  return chunks;
};

/** Recomputes one chunk of `toChunks`. Windows without any second get no row. */
export const recompute = async (
  clickhouse: ClickHouse,
  size: WindowSize,
  chunk: readonly SensorWindow[],
  settingsOf: (
    tenantId: string,
    sensorId: string,
  ) => Pick<SensorSettings, 'excludedFlags' | 'exceedanceLimitDb' | 'version'>,
): Promise<void> => {
  if (chunk.length === 0) return;
  const settings = chunk.map(({ tenantId, sensorId }) => settingsOf(tenantId, sensorId));
  const starts = chunk.map((window) => window.startS);
  await clickhouse.command(statement(size), {
    tenants: chunk.map((window) => window.tenantId),
    sensors: chunk.map((window) => window.sensorId),
    starts,
    excluded: settings.map(({ excludedFlags }) => excludedFlags.join(',')),
    limits: settings.map(({ exceedanceLimitDb }) => exceedanceLimitDb ?? NO_LIMIT_DB),
    records: settings.map(({ version }) => version),
    fromUs: starts.reduce((a, b) => Math.min(a, b)) * 1_000_000,
    toUs: (starts.reduce((a, b) => Math.max(a, b)) + size.seconds) * 1_000_000,
  });
};
