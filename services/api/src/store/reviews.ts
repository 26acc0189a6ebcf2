import type { LabelTally, ReviewedSound, Verdict } from '@earshot/core/reviews';
import { NO_LABEL } from '@earshot/core/reviews';
import type { ClickHouse } from '@earshot/platform/clickhouse';

import type { TimeRange } from '../query/range.js';
import { isoOf } from '../query/time.js';
import type { ReviewJson, ReviewMarkJson } from '../schemas/reviews.js';
import type { SoundEventJson } from '../schemas/sound.js';
import { pageClause, pageValues, toPage, type Page, type PageRequest } from './pages.js';
import { conditionOf, eventColumns, eventOf, type EventRow } from './sound.js';

export interface ReviewRow {
  readonly event_id: string;
  readonly sensor_id: string;
  readonly verdict: Verdict;
  readonly label: string;
  readonly claimed_label: string;
  readonly onset_us: string;
  readonly offset_us: string;
  readonly reviewed_onset_us: string;
  readonly reviewed_offset_us: string;
  readonly confidence: number | null;
  readonly model_id: string;
  readonly model_version: string;
  readonly reviewer: string;
  readonly note: string;
  readonly reviewed_us: string;
  readonly clip_key: string;
  readonly clip_us: string | null;
  readonly clip_sample_rate_hz: number;
  readonly clip_samples: number;
  readonly clip_covered_samples: number;
  readonly version: number;
}

const microsOf = (column: string, name: string): string => `toUnixTimestamp64Micro(${column}) AS ${name}`;
const reviewColumns = [
  'event_id, sensor_id, verdict, label, claimed_label, confidence, model_id, model_version, reviewer, note, version',
  'clip_key, clip_sample_rate_hz, clip_samples, clip_covered_samples',
  microsOf('onset', 'onset_us'),
  microsOf('offset', 'offset_us'),
  microsOf('reviewed_onset', 'reviewed_onset_us'),
  microsOf('reviewed_offset', 'reviewed_offset_us'),
  microsOf('reviewed_time', 'reviewed_us'),
  microsOf('clip_time', 'clip_us'),
].join(', ');

const isoOfText = (micros: string): string => isoOf(Number(micros));

export const reviewOf = (row: ReviewRow): ReviewJson => ({
  eventId: row.event_id,
  sensorId: row.sensor_id,
  verdict: row.verdict,
  label: row.label === '' ? null : row.label,
  onset: isoOfText(row.reviewed_onset_us),
  offset: isoOfText(row.reviewed_offset_us),
  event:
    row.verdict === 'missed'
      ? null
      : {
          label: row.claimed_label,
          onset: isoOfText(row.onset_us),
          offset: isoOfText(row.offset_us),
          confidence: row.confidence ?? 0,
          modelId: row.model_id,
          modelVersion: row.model_version,
        },
  reviewer: row.reviewer,
  note: row.note,
  reviewedAt: isoOfText(row.reviewed_us),
  version: row.version,
  clip:
    row.clip_us === null
      ? null
      : {
          from: isoOfText(row.clip_us),
          durationS: row.clip_samples / row.clip_sample_rate_hz,
          sampleRateHz: row.clip_sample_rate_hz,
          coveredS: row.clip_covered_samples / row.clip_sample_rate_hz,
        },
});

/** As training sees it. */
export const reviewedSoundOf = (row: ReviewRow): ReviewedSound => ({
  eventId: row.event_id,
  sensorId: row.sensor_id,
  verdict: row.verdict,
  label: row.verdict === 'wrong' ? NO_LABEL : row.label,
  claimed: row.claimed_label,
  onsetUs: Number(row.reviewed_onset_us),
  offsetUs: Number(row.reviewed_offset_us),
  confidence: row.confidence,
  modelId: row.model_id,
  modelVersion: row.model_version,
  reviewer: row.reviewer,
  note: row.note,
  reviewedUs: Number(row.reviewed_us),
});

export interface ReviewFilters {
  readonly sensorId?: string | undefined;
  /** What it was, or what the event claimed. */
  readonly label?: string | undefined;
  readonly verdict?: string | undefined;
}

const filterSql = {
  sensorId: 'sensor_id = {sensorId:String}',
  label: '(label = {label:String} OR claimed_label = {label:String})',
  verdict: 'verdict = {verdict:String}',
};

const rowsOf = async (
  clickhouse: ClickHouse,
  tenantId: string,
  request: PageRequest,
  filters: ReviewFilters,
): Promise<ReviewRow[]> => {
  const { sensorId, label, verdict } = filters;
  const condition = conditionOf({ sensorId, label, verdict }, filterSql);
  return clickhouse.query<ReviewRow>(
    `SELECT ${reviewColumns} FROM reviews
     WHERE tenant_id = {tenant:String} AND ${condition.sql}${pageClause(request, 'onset', 'event_id')}`,
    { tenant: tenantId, ...condition.values, ...pageValues(request) },
  );
};

export const readReviews = async (
  clickhouse: ClickHouse,
  tenantId: string,
  request: PageRequest,
  filters: ReviewFilters,
): Promise<Page<ReviewJson>> =>
  toPage(request, await rowsOf(clickhouse, tenantId, request, filters), reviewOf, (row) => ({
    timeUs: Number(row.onset_us),
    key: row.event_id,
  }));

/** The oldest `most` of a range and one more, where there are more. */
export const readReviewRows = (
  clickhouse: ClickHouse,
  tenantId: string,
  range: TimeRange,
  filters: ReviewFilters,
  most: number,
): Promise<ReviewRow[]> =>
  rowsOf(clickhouse, tenantId, { ...range, after: undefined, order: 'asc', limit: most, fingerprint: '' }, filters);

/** The review of an event or of what was missed. */
export const findReviewRow = async (
  clickhouse: ClickHouse,
  tenantId: string,
  eventId: string,
): Promise<ReviewRow | undefined> => {
  const [row] = await clickhouse.query<ReviewRow>(
    `SELECT ${reviewColumns} FROM reviews WHERE tenant_id = {tenant:String} AND event_id = {id:String} LIMIT 1`,
    { tenant: tenantId, id: eventId },
  );
  return row;
};

/** The newest phase of an event. The rows table: its index of ids is not used with FINAL. */
export const findEvent = async (
  clickhouse: ClickHouse,
  tenantId: string,
  eventId: string,
): Promise<SoundEventJson | undefined> => {
  const [row] = await clickhouse.query<EventRow>(
    `SELECT ${eventColumns} FROM events_rows
     WHERE tenant_id = {tenant:String} AND id = {id:String} ORDER BY row_version DESC LIMIT 1`,
    { tenant: tenantId, id: eventId },
  );
  return row === undefined ? undefined : eventOf(row);
};

/** What was said of these events, by id. */
export const readMarks = async (
  clickhouse: ClickHouse,
  tenantId: string,
  events: readonly SoundEventJson[],
): Promise<ReadonlyMap<string, NonNullable<ReviewMarkJson>>> => {
  if (events.length === 0) return new Map();
  const onsets = events.map(({ onset }) => Date.parse(onset));
  const rows = await clickhouse.query<{ event_id: string; verdict: Verdict; label: string; reviewer: string }>(
    `SELECT event_id, verdict, label, reviewer FROM reviews
     WHERE tenant_id = {tenant:String} AND event_id IN {ids:Array(String)}
       AND onset >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC') AND onset < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')`,
    {
      tenant: tenantId,
      ids: events.map(({ id }) => id),
      fromMs: onsets.reduce((a, b) => Math.min(a, b)),
      toMs: onsets.reduce((a, b) => Math.max(a, b)) + 1,
    },
  );
  return new Map(
    rows.map(({ event_id, verdict, label, reviewer }) => [
      event_id,
      { verdict, label: label === '' ? null : label, reviewer },
    ]),
  );
};

const inRange = `onset >= fromUnixTimestamp64Micro({fromUs:Int64}, 'UTC') AND onset < fromUnixTimestamp64Micro({toUs:Int64}, 'UTC')`;

/** Closed events of a range that nobody reviewed, newest first, at most `most`, and how many there are. */
export const readUnreviewed = async (
  clickhouse: ClickHouse,
  tenantId: string,
  range: TimeRange,
  filters: Pick<ReviewFilters, 'sensorId' | 'label'>,
  most: number,
): Promise<{ readonly events: readonly SoundEventJson[]; readonly total: number }> => {
  const condition = conditionOf(
    { sensorId: filters.sensorId, label: filters.label },
    { sensorId: 'sensor_id = {sensorId:String}', label: 'label = {label:String}' },
  );
  const from = `FROM events WHERE tenant_id = {tenant:String} AND ${condition.sql}phase = 'close' AND ${inRange}
    AND id NOT IN (SELECT event_id FROM reviews WHERE tenant_id = {tenant:String} AND ${inRange})`;
  const values = { tenant: tenantId, fromUs: range.fromUs, toUs: range.toUs, ...condition.values };
  const [rows, counts] = await Promise.all([
    clickhouse.query<EventRow>(`SELECT ${eventColumns} ${from} ORDER BY onset DESC, id DESC LIMIT {most:UInt32}`, {
      ...values,
      most,
    }),
    clickhouse.query<{ n: string }>(`SELECT count() AS n ${from}`, values),
  ]);
  return { events: rows.map(eventOf), total: Number(counts[0]?.n ?? 0) };
};

export interface VerdictCounts {
  readonly label: string;
  readonly right: number;
  readonly wrong: number;
  readonly otherLabel: number;
  readonly missed: number;
}

/** Per label that events claimed; missed ones count for what they were. In order of label. */
export const readVerdictCounts = async (
  clickhouse: ClickHouse,
  tenantId: string,
  range: TimeRange,
  sensorId: string | undefined,
): Promise<readonly VerdictCounts[]> => {
  const condition = conditionOf({ sensorId }, filterSql);
  const rows = await clickhouse.query<
    Record<'of_label' | 'n_right' | 'n_wrong' | 'n_other_label' | 'n_missed', string>
  >(
    `SELECT if(verdict = 'missed', label, claimed_label) AS of_label, ${['right', 'wrong', 'other_label', 'missed']
      .map((verdict) => `countIf(verdict = '${verdict}') AS n_${verdict}`)
      .join(', ')}
     FROM reviews WHERE tenant_id = {tenant:String} AND ${condition.sql}${inRange} GROUP BY of_label ORDER BY of_label`,
    { tenant: tenantId, fromUs: range.fromUs, toUs: range.toUs, ...condition.values },
  );
  return rows.map((row) => ({
    label: row.of_label,
    right: Number(row.n_right),
    wrong: Number(row.n_wrong),
    otherLabel: Number(row.n_other_label),
    missed: Number(row.n_missed),
  }));
};

export const tallyOf = ({ label, right, wrong, otherLabel }: VerdictCounts): LabelTally => ({
  label,
  right,
  wrong: wrong + otherLabel,
});
