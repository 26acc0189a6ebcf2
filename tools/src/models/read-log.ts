import { Model, Rule, topicName, type TopicId } from '@earshot/contracts';
import type { AlertRule } from '@earshot/core/alerting';
import { modelKey, type ModelKey, type ScoredWindow, type SoundActivity } from '@earshot/core/classification';
import { readToEnd, type IncomingRecord, type Kafka } from '@earshot/platform/kafka';
import { decodeActivity, decodeWindow, toAlertRule } from '@earshot/platform/records';
import type { Decoded } from '@earshot/platform/stage-runner';
import type { Logger } from '@earshot/platform/telemetry';

export interface Log {
  readonly kafka: Kafka;
  readonly namespace: string;
  readonly logger: Logger;
}

export interface LogRange {
  readonly fromUs: number;
  readonly toUs: number;
}

const readAll = async (
  { kafka, namespace, logger }: Log,
  topics: readonly TopicId[],
  onRecord: (record: IncomingRecord) => void,
): Promise<void> =>
  readToEnd(kafka, { topics: topics.map((id) => topicName(id, namespace)), logger, onRecord });

/** What a model said, as both tasks' records have it. */
interface Told {
  readonly id: string;
  readonly modelId: string;
  readonly modelVersion: string;
  readonly timeUs: number;
}

/** What each of the models said of sound in the range, live or in shadow; each id once. */
const toldBy = async <T extends Told>(
  log: Log,
  topics: readonly TopicId[],
  decode: (record: IncomingRecord) => Decoded<T>,
  models: readonly ModelKey[],
  { fromUs, toUs }: LogRange,
): Promise<ReadonlyMap<ModelKey, readonly T[]>> => {
  const found = new Map(models.map((key) => [key, new Map<string, T>()]));
  await readAll(log, topics, (record) => {
    if (record.value === null) return;
    const decoded = decode(record);
    if (decoded.kind === 'dlq') return;
    const { id, modelId, modelVersion, timeUs } = decoded.input;
    if (timeUs >= fromUs && timeUs < toUs) found.get(modelKey(modelId, modelVersion))?.set(id, decoded.input);
  });
  return new Map([...found].map(([key, all]) => [key, [...all.values()]]));
};

export const activityOf = (
  log: Log,
  models: readonly ModelKey[],
  range: LogRange,
): Promise<ReadonlyMap<ModelKey, readonly SoundActivity[]>> =>
  toldBy(log, ['activity', 'activityShadow'], decodeActivity, models, range);

export const windowsOf = (
  log: Log,
  models: readonly ModelKey[],
  range: LogRange,
): Promise<ReadonlyMap<ModelKey, readonly ScoredWindow[]>> =>
  toldBy(log, ['classifications', 'classificationsShadow'], decodeWindow, models, range);

/** Models as the models topic holds them, by id and version. */
export const knownModels = async (log: Log): Promise<ReadonlyMap<ModelKey, Model>> => {
  const models = new Map<ModelKey, Model>();
  await readAll(log, ['models'], ({ value }) => {
    if (value === null) return;
    const model = Model.decode(value);
    models.set(modelKey(model.modelId, model.version), model);
  });
  return models;
};

/** The event rules of all tenants as they are now. */
export const eventRules = async (log: Log): Promise<readonly AlertRule[]> => {
  const rules = new Map<string, AlertRule>();
  await readAll(log, ['rules'], ({ key, value }) => {
    const rule = value === null ? null : toAlertRule(Rule.decode(value));
    if (rule === null || rule.deleted || !rule.enabled || rule.condition.kind !== 'event') rules.delete(key);
    else rules.set(key, rule);
  });
  return [...rules.values()];
};
