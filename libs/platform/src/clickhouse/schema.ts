import type { Migration } from './migrations.js';

/**
 * Rows go to `<name>_rows` (ReplacingMergeTree: the highest `row_version` per natural key counts); the public name `<name>` is a
 * view with FINAL over it, so that a plain `SELECT count()` never counts a replay. Applied migrations never change: add one.
 */
const rowsTable = (
  name: string,
  columns: string,
  partitionBy: string,
  orderBy: string,
  retentionDays: number,
): string => `
  CREATE TABLE IF NOT EXISTS ${name}_rows (${columns},
    received_time DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    kafka_partition UInt32,
    kafka_offset Int64 CODEC(Delta, ZSTD(1)),
    row_version UInt64 CODEC(Delta, ZSTD(1)),
    inserted_time DateTime('UTC') DEFAULT now('UTC') CODEC(Delta, ZSTD(1)),
    INDEX inserted inserted_time TYPE minmax GRANULARITY 1
  ) ENGINE = ReplacingMergeTree(row_version)
  PARTITION BY ${partitionBy} ORDER BY (${orderBy})
  TTL inserted_time + toIntervalDay(${retentionDays})
  SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000`;

const publicView = (name: string, extraColumns = '', condition = ''): string =>
  `CREATE OR REPLACE VIEW ${name} AS SELECT *${extraColumns} FROM ${name}_rows FINAL${condition}`;

const levels1s = `
    tenant_id LowCardinality(String),
    sensor_id String,
    time DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    boot_id String,
    second_index Int64 CODEC(DoubleDelta, ZSTD(1)),
    duration_ms UInt32,
    sample_rate_hz UInt32,
    laeq_db Nullable(Float32) CODEC(ZSTD(1)),
    lceq_db Nullable(Float32) CODEC(ZSTD(1)),
    lzeq_db Nullable(Float32) CODEC(ZSTD(1)),
    lafmax_db Nullable(Float32) CODEC(ZSTD(1)),
    lcpeak_db Nullable(Float32) CODEC(ZSTD(1)),
    laf_125ms_db Array(Nullable(Float32)) CODEC(ZSTD(1)),
    laeq_125ms_db Array(Nullable(Float32)) CODEC(ZSTD(1)),
    third_octave_db Array(Nullable(Float32)) CODEC(ZSTD(1)),
    full_scale_db Float32,
    calibration_id LowCardinality(String),
    calibration_version UInt32,
    clipped_share Float32`;

const classifications = `
    tenant_id LowCardinality(String),
    sensor_id String,
    time DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    id String CODEC(ZSTD(1)),
    boot_id String,
    window_ms UInt32,
    hop_ms UInt32,
    model_id LowCardinality(String),
    model_version LowCardinality(String),
    top_label LowCardinality(String),
    top_probability Float32,
    probabilities Map(LowCardinality(String), Float32) CODEC(ZSTD(1)),
    laeq_db Nullable(Float32) CODEC(ZSTD(1)),
    calibration_id LowCardinality(String),
    first_frame_index Int64,
    discontinuity Bool`;

const events = `
    tenant_id LowCardinality(String),
    sensor_id String,
    id String CODEC(ZSTD(1)),
    phase LowCardinality(String),
    label LowCardinality(String),
    onset DateTime64(6, 'UTC'),
    offset DateTime64(6, 'UTC'),
    confidence Float32,
    laeq_db Nullable(Float32),
    laeq_max_db Nullable(Float32),
    calibration_id LowCardinality(String),
    model_id LowCardinality(String),
    model_version LowCardinality(String),
    boot_id String,
    revision UInt32`;

const anomalies = `
    tenant_id LowCardinality(String),
    sensor_id String,
    time DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    id String CODEC(ZSTD(1)),
    boot_id String,
    duration_ms UInt32,
    score Nullable(Float32),
    threshold Nullable(Float32),
    state LowCardinality(String),
    warm_up Float32,
    explanation Array(Tuple(frequency_hz Float32, deviation_db Float32)),
    detector_id LowCardinality(String),
    episode_onset Nullable(DateTime64(6, 'UTC'))`;

const alerts = `
    tenant_id LowCardinality(String),
    sensor_id String,
    id String CODEC(ZSTD(1)),
    rule_id String,
    rule_name String,
    state LowCardinality(String),
    severity LowCardinality(String),
    raised_time DateTime64(6, 'UTC'),
    resolved_time Nullable(DateTime64(6, 'UTC')),
    message String,
    value Nullable(Float32),
    limit Nullable(Float32),
    cause_id String,
    revision UInt32`;

/** One review of an event, or of what was missed; times of the sound as reviewed beside those of the event. */
const reviews = `
    tenant_id LowCardinality(String),
    sensor_id String,
    event_id String CODEC(ZSTD(1)),
    verdict LowCardinality(String),
    label LowCardinality(String),
    claimed_label LowCardinality(String),
    onset DateTime64(6, 'UTC'),
    offset DateTime64(6, 'UTC'),
    reviewed_onset DateTime64(6, 'UTC'),
    reviewed_offset DateTime64(6, 'UTC'),
    confidence Nullable(Float32),
    model_id LowCardinality(String),
    model_version LowCardinality(String),
    reviewer String,
    note String,
    reviewed_time DateTime64(6, 'UTC'),
    clip_key String,
    clip_time Nullable(DateTime64(6, 'UTC')),
    clip_sample_rate_hz UInt32,
    clip_samples UInt32,
    clip_covered_samples UInt32,
    version UInt32`;

/** One window of one sensor; recomputed from rows as a whole and replaced by a higher revision. */
const aggregateTable = (name: string, retentionDays: number): string => `
  CREATE TABLE IF NOT EXISTS ${name}_rows (
    tenant_id LowCardinality(String),
    sensor_id String,
    time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    window_ms UInt32,
    seconds UInt32,
    covered_ms UInt32,
    completeness Float32,
    laeq_db Nullable(Float32),
    lceq_db Nullable(Float32),
    lzeq_db Nullable(Float32),
    lafmax_db Nullable(Float32),
    lcpeak_db Nullable(Float32),
    la10_db Nullable(Float32),
    la50_db Nullable(Float32),
    la90_db Nullable(Float32),
    full_scale_db Float32,
    calibration_id LowCardinality(String),
    calibration_version UInt32,
    class_shares Map(LowCardinality(String), Float32),
    event_counts Map(LowCardinality(String), UInt32),
    levels_kafka_offset Int64,
    classifications_kafka_offset Int64,
    events_kafka_offset Int64,
    revision UInt64,
    computed_at DateTime64(3, 'UTC')
  ) ENGINE = ReplacingMergeTree(revision)
  PARTITION BY toYYYYMM(time) ORDER BY (tenant_id, sensor_id, time)
  TTL toDateTime(computed_at) + toIntervalDay(${retentionDays})
  SETTINGS ttl_only_drop_parts = 1`;

const addColumn = (table: string, column: string, after: string): string =>
  `ALTER TABLE ${table}_rows ADD COLUMN IF NOT EXISTS ${column} AFTER ${after}`;

const windowTables = ['levels_1m', 'levels_15m', 'levels_1h'] as const;

/** More of each second, and the calibrations that were carried into stored rows. */
const acousticsOfSeconds: readonly string[] = [
  addColumn('levels_1s', 'lafmin_db Nullable(Float32) CODEC(ZSTD(1))', 'lcpeak_db'),
  addColumn('levels_1s', 'lasmax_db Nullable(Float32) CODEC(ZSTD(1))', 'lafmin_db'),
  addColumn('levels_1s', 'laimax_db Nullable(Float32) CODEC(ZSTD(1))', 'lasmax_db'),
  addColumn('levels_1s', 'dc_db Nullable(Float32) CODEC(ZSTD(1))', 'laimax_db'),
  addColumn('levels_1s', 'flags Array(LowCardinality(String))', 'clipped_share'),
  publicView('levels_1s'),
  `CREATE TABLE IF NOT EXISTS applied_calibrations (
    tenant_id LowCardinality(String),
    sensor_id String,
    calibration_version UInt32,
    calibration_id String,
    applied_time DateTime64(3, 'UTC')
  ) ENGINE = ReplacingMergeTree(applied_time) ORDER BY (tenant_id, sensor_id, calibration_version)`,
];

const acousticsOfWindows = (name: string): readonly string[] => [
  addColumn(name, 'excluded_ms UInt32', 'covered_ms'),
  addColumn(name, 'lae_db Nullable(Float32)', 'laeq_db'),
  addColumn(name, 'lafmin_db Nullable(Float32)', 'lcpeak_db'),
  addColumn(name, 'lasmax_db Nullable(Float32)', 'lafmin_db'),
  addColumn(name, 'la1_db Nullable(Float32)', 'lasmax_db'),
  addColumn(name, 'la5_db Nullable(Float32)', 'la1_db'),
  addColumn(name, 'la95_db Nullable(Float32)', 'la90_db'),
  addColumn(name, 'la99_db Nullable(Float32)', 'la95_db'),
  publicView(name),
];

/** One day of one sensor by the clock of its site: [time, end_time), from the start of its day period to the next day's. */
const days = `
  CREATE TABLE IF NOT EXISTS levels_1d_rows (
    tenant_id LowCardinality(String),
    sensor_id String,
    date Date,
    time DateTime('UTC'),
    evening_time DateTime('UTC'),
    night_time DateTime('UTC'),
    end_time DateTime('UTC'),
    time_zone LowCardinality(String),
    window_ms UInt32,
    covered_ms UInt32,
    completeness Float32,
    day_completeness Float32,
    evening_completeness Float32,
    night_completeness Float32,
    lden_db Nullable(Float32),
    lday_db Nullable(Float32),
    levening_db Nullable(Float32),
    lnight_db Nullable(Float32),
    laeq_db Nullable(Float32),
    lafmax_db Nullable(Float32),
    full_scale_db Float32,
    calibration_id LowCardinality(String),
    calibration_version UInt32,
    revision UInt64,
    computed_at DateTime64(3, 'UTC')
  ) ENGINE = ReplacingMergeTree(revision)
  PARTITION BY toYYYYMM(date) ORDER BY (tenant_id, sensor_id, date)
  TTL toDateTime(computed_at) + toIntervalDay(1825)
  SETTINGS ttl_only_drop_parts = 1`;

/** How bad an anomaly is, when it was worst, and what a machine's spectra show. */
const conditions: readonly string[] = [
  addColumn('anomalies', 'condition LowCardinality(String)', 'state'),
  addColumn('anomalies', "worst_time Nullable(DateTime64(6, 'UTC'))", 'episode_onset'),
  addColumn('anomalies', 'maturity Float32', 'warm_up'),
  addColumn(
    'anomalies',
    'findings Array(Tuple(fault String, frequency_hz Float32, order Float32, prominence_db Float32, excess_db Float32))',
    'explanation',
  ),
  addColumn('anomalies', 'shaft_hz Nullable(Float32)', 'findings'),
  publicView('anomalies'),
];

export const earshotSchema: readonly Migration[] = [
  {
    version: 1,
    name: 'rows',
    statements: [
      rowsTable('levels_1s', levels1s, 'toYYYYMMDD(time)', 'tenant_id, sensor_id, time, boot_id', 90),
      rowsTable('classifications', classifications, 'toYYYYMMDD(time)', 'tenant_id, sensor_id, time, id', 90),
      rowsTable('events', events, 'toYYYYMM(onset)', 'tenant_id, sensor_id, onset, id', 730),
      rowsTable('anomalies', anomalies, 'toYYYYMM(time)', 'tenant_id, sensor_id, time, id', 365),
      rowsTable('alerts', alerts, 'toYYYYMM(raised_time)', 'tenant_id, sensor_id, raised_time, id', 730),
      publicView('levels_1s'),
      publicView('classifications'),
      publicView('events', ', onset AS time'),
      publicView('anomalies'),
      publicView('alerts', ', raised_time AS time'),
    ],
  },
  {
    version: 2,
    name: 'window-aggregates',
    statements: ['levels_1m', 'levels_15m', 'levels_1h'].flatMap((name) => [
      aggregateTable(name, 1825),
      publicView(name),
    ]),
  },
  {
    version: 3,
    name: 'acoustics',
    statements: [...acousticsOfSeconds, ...windowTables.flatMap(acousticsOfWindows), days, publicView('levels_1d')],
  },
  {
    version: 4,
    name: 'exceedances',
    statements: windowTables.flatMap((name) => [
      addColumn(name, 'exceedances Nullable(UInt32)', 'la99_db'),
      publicView(name),
    ]),
  },
  {
    version: 5,
    name: 'reviews',
    statements: [
      rowsTable('reviews', reviews, 'toYYYYMM(onset)', 'tenant_id, sensor_id, onset, event_id', 3650),
      publicView('reviews', ', onset AS time', " WHERE verdict != 'withdrawn'"),
      // One event by its id: parts from now on.
      'ALTER TABLE events_rows ADD INDEX IF NOT EXISTS by_id id TYPE bloom_filter GRANULARITY 1',
    ],
  },
  { version: 6, name: 'anomaly-conditions', statements: conditions },
];
