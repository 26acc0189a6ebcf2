import type { ClickHouse } from '@earshot/platform/clickhouse';

import { isoOf } from '../query/time.js';
import type { AlertJson, AnomalyJson, ClassificationJson, SoundEventJson } from '../schemas/sound.js';
import { pageClause, pageValues, toPage, type Page, type PageRequest } from './pages.js';
import type { OfSensor } from './levels.js';

/** Filters of a list; undefined: not filtered. */
type Filters = Readonly<Record<string, string | number | undefined>>;

interface Condition {
  readonly sql: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/** Conditions of the filters that are set; `sqlOf` says the condition of each, with the value bound under the filter's name. */
export const conditionOf = (filters: Filters, sqlOf: Readonly<Record<string, string>>): Condition => {
  const set = Object.entries(filters).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  return { sql: set.map(([name]) => `${sqlOf[name] ?? ''} AND `).join(''), values: Object.fromEntries(set) };
};

export interface ClassificationRow {
  readonly id: string;
  readonly sensor_id: string;
  readonly time_us: string;
  readonly window_ms: number;
  readonly model_id: string;
  readonly model_version: string;
  readonly probabilities: Record<string, number>;
  readonly laeq_db: number | null;
  readonly discontinuity: boolean;
}

export const classificationColumns =
  'id, sensor_id, toUnixTimestamp64Micro(time) AS time_us, window_ms, model_id, model_version, probabilities, laeq_db, discontinuity';

export const classificationOf = (row: ClassificationRow): ClassificationJson => {
  const classes = Object.entries(row.probabilities)
    .map(([label, probability]) => ({ label, probability }))
    .sort((a, b) => b.probability - a.probability);
  return {
    id: row.id,
    sensorId: row.sensor_id,
    time: isoOf(Number(row.time_us)),
    durationMs: row.window_ms,
    modelId: row.model_id,
    modelVersion: row.model_version,
    top: classes[0] ?? null,
    classes,
    laeqDb: row.laeq_db,
    discontinuity: row.discontinuity,
  };
};

export const readClassifications = async (
  clickhouse: ClickHouse,
  { tenantId, sensorId }: OfSensor,
  request: PageRequest,
  heard: { readonly label: string; readonly minProbability: number } | undefined,
): Promise<Page<ClassificationJson>> => {
  const filter = heard === undefined ? '' : 'probabilities[{label:String}] >= {minProbability:Float64} AND ';
  const rows = await clickhouse.query<ClassificationRow>(
    `SELECT ${classificationColumns} FROM classifications
     WHERE tenant_id = {tenant:String} AND sensor_id = {sensor:String} AND ${filter}${pageClause(request, 'time', 'id')}`,
    { tenant: tenantId, sensor: sensorId, ...heard, ...pageValues(request) },
  );
  return toPage(request, rows, classificationOf, (row) => ({ timeUs: Number(row.time_us), key: row.id }));
};

export interface EventRow {
  readonly id: string;
  readonly sensor_id: string;
  readonly phase: 'open' | 'update' | 'close';
  readonly label: string;
  readonly onset_us: string;
  readonly offset_us: string;
  readonly confidence: number;
  readonly laeq_db: number | null;
  readonly laeq_max_db: number | null;
  readonly calibration_id: string;
  readonly model_id: string;
  readonly model_version: string;
  readonly revision: number;
}

export const eventColumns =
  'id, sensor_id, phase, label, toUnixTimestamp64Micro(onset) AS onset_us, toUnixTimestamp64Micro(offset) AS offset_us, ' +
  'confidence, laeq_db, laeq_max_db, calibration_id, model_id, model_version, revision';

export const eventOf = (row: EventRow): SoundEventJson => ({
  id: row.id,
  sensorId: row.sensor_id,
  phase: row.phase,
  label: row.label,
  onset: isoOf(Number(row.onset_us)),
  offset: isoOf(Number(row.offset_us)),
  durationS: (Number(row.offset_us) - Number(row.onset_us)) / 1e6,
  confidence: row.confidence,
  laeqDb: row.laeq_db,
  laeqMaxDb: row.laeq_max_db,
  calibrationId: row.calibration_id === '' ? null : row.calibration_id,
  modelId: row.model_id,
  modelVersion: row.model_version,
  revision: row.revision,
});

export const readEvents = async (
  clickhouse: ClickHouse,
  tenantId: string,
  request: PageRequest,
  filters: {
    readonly sensorId?: string | undefined;
    readonly label?: string | undefined;
    readonly open?: boolean | undefined;
    /** Whether somebody reviewed it. */
    readonly reviewed?: boolean | undefined;
  },
): Promise<Page<SoundEventJson>> => {
  const open = filters.open === undefined ? '' : `phase ${filters.open ? '!=' : '='} 'close' AND `;
  const reviewed =
    filters.reviewed === undefined
      ? ''
      : `id ${filters.reviewed ? '' : 'NOT '}IN (SELECT event_id FROM reviews WHERE tenant_id = {tenant:String}) AND `;
  const condition = conditionOf(
    { sensorId: filters.sensorId, label: filters.label },
    { sensorId: 'sensor_id = {sensorId:String}', label: 'label = {label:String}' },
  );
  const rows = await clickhouse.query<EventRow>(
    `SELECT ${eventColumns} FROM events
     WHERE tenant_id = {tenant:String} AND ${condition.sql}${open}${reviewed}${pageClause(request, 'onset', 'id')}`,
    { tenant: tenantId, ...condition.values, ...pageValues(request) },
  );
  return toPage(request, rows, eventOf, (row) => ({ timeUs: Number(row.onset_us), key: row.id }));
};

export interface AnomalyRow {
  readonly id: string;
  readonly sensor_id: string;
  readonly time_us: string;
  readonly duration_ms: number;
  readonly score: number | null;
  readonly threshold: number | null;
  readonly state: 'learning' | 'normal' | 'anomalous';
  readonly warm_up: number;
  readonly explanation: readonly { readonly frequency_hz: number; readonly deviation_db: number }[];
  readonly detector_id: string;
  readonly episode_us: string | null;
  readonly condition: '' | AnomalyJson['condition'];
  readonly worst_us: string | null;
  readonly maturity: number;
  readonly findings: readonly {
    readonly fault: AnomalyJson['findings'][number]['fault'];
    readonly frequency_hz: number;
    readonly order: number;
    readonly prominence_db: number;
    readonly excess_db: number;
  }[];
  readonly shaft_hz: number | null;
}

export const anomalyColumns =
  'id, sensor_id, toUnixTimestamp64Micro(time) AS time_us, duration_ms, score, threshold, state, warm_up, explanation, detector_id, ' +
  'toUnixTimestamp64Micro(episode_onset) AS episode_us, condition, toUnixTimestamp64Micro(worst_time) AS worst_us, maturity, findings, shaft_hz';

export const anomalyOf = (row: AnomalyRow): AnomalyJson => ({
  id: row.id,
  sensorId: row.sensor_id,
  time: isoOf(Number(row.time_us)),
  durationMs: row.duration_ms,
  score: row.score,
  threshold: row.threshold,
  state: row.state,
  warmUp: row.warm_up,
  explanation: row.explanation.map((band) => ({ frequencyHz: band.frequency_hz, deviationDb: band.deviation_db })),
  detectorId: row.detector_id,
  episodeOnset: row.episode_us === null ? null : isoOf(Number(row.episode_us)),
  // Rows from before there were conditions have none.
  condition: row.condition === '' ? (row.state === 'anomalous' ? 'alarm' : 'acceptable') : row.condition,
  worstTime: row.worst_us === null ? null : isoOf(Number(row.worst_us)),
  maturity: row.maturity,
  findings: row.findings.map((one) => ({
    fault: one.fault,
    frequencyHz: one.frequency_hz,
    order: one.order,
    prominenceDb: one.prominence_db,
    excessDb: one.excess_db,
  })),
  shaftHz: row.shaft_hz,
});

export const readAnomalies = async (
  clickhouse: ClickHouse,
  tenantId: string,
  request: PageRequest,
  filters: {
    readonly sensorId?: string | undefined;
    readonly state?: string | undefined;
    readonly condition?: string | undefined;
  },
): Promise<Page<AnomalyJson>> => {
  const condition = conditionOf(
    { sensorId: filters.sensorId, state: filters.state, condition: filters.condition },
    {
      sensorId: 'sensor_id = {sensorId:String}',
      state: 'state = {state:String}',
      condition: 'condition = {condition:String}',
    },
  );
  const rows = await clickhouse.query<AnomalyRow>(
    `SELECT ${anomalyColumns} FROM anomalies
     WHERE tenant_id = {tenant:String} AND ${condition.sql}${pageClause(request, 'time', 'id')}`,
    { tenant: tenantId, ...condition.values, ...pageValues(request) },
  );
  return toPage(request, rows, anomalyOf, (row) => ({ timeUs: Number(row.time_us), key: row.id }));
};

export interface AlertRow {
  readonly id: string;
  readonly sensor_id: string;
  readonly rule_id: string;
  readonly rule_name: string;
  readonly state: 'raised' | 'resolved';
  readonly severity: string;
  readonly raised_us: string;
  readonly resolved_us: string | null;
  readonly message: string;
  readonly value: number | null;
  readonly limit: number | null;
  readonly cause_id: string;
  readonly revision: number;
}

export const alertColumns =
  'id, sensor_id, rule_id, rule_name, state, severity, toUnixTimestamp64Micro(raised_time) AS raised_us, ' +
  'toUnixTimestamp64Micro(resolved_time) AS resolved_us, message, value, limit, cause_id, revision';

export const alertOf = (row: AlertRow): AlertJson => ({
  id: row.id,
  sensorId: row.sensor_id,
  ruleId: row.rule_id,
  ruleName: row.rule_name,
  state: row.state,
  severity: row.severity,
  raisedAt: isoOf(Number(row.raised_us)),
  resolvedAt: row.resolved_us === null ? null : isoOf(Number(row.resolved_us)),
  message: row.message,
  value: row.value,
  limit: row.limit,
  causeId: row.cause_id === '' ? null : row.cause_id,
  revision: row.revision,
});

export const readAlerts = async (
  clickhouse: ClickHouse,
  tenantId: string,
  request: PageRequest,
  filters: {
    readonly sensorId?: string | undefined;
    readonly state?: string | undefined;
    readonly ruleId?: string | undefined;
  },
): Promise<Page<AlertJson>> => {
  const condition = conditionOf(
    { sensorId: filters.sensorId, state: filters.state, ruleId: filters.ruleId },
    { sensorId: 'sensor_id = {sensorId:String}', state: 'state = {state:String}', ruleId: 'rule_id = {ruleId:String}' },
  );
  const rows = await clickhouse.query<AlertRow>(
    `SELECT ${alertColumns} FROM alerts
     WHERE tenant_id = {tenant:String} AND ${condition.sql}${pageClause(request, 'raised_time', 'id')}`,
    { tenant: tenantId, ...condition.values, ...pageValues(request) },
  );
  return toPage(request, rows, alertOf, (row) => ({ timeUs: Number(row.raised_us), key: row.id }));
};
