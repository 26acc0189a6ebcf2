/**
 * The one table of topics. Topics are created from it (`ensureTopics`), `docs/topics.md` and the Kubernetes resources are
 * generated from it, and every reader and writer takes names from it.
 */

export type TopicCleanup =
  { readonly kind: 'delete'; readonly retentionMs: number; readonly segmentMs: number } | { readonly kind: 'compact' };

export interface TopicSpec {
  /** Name after the namespace, e.g. `audio.v1`. */
  readonly suffix: string;
  /** Fully qualified protobuf message of the value. */
  readonly schema: string;
  readonly key: 'tenant/sensor' | 'tenant/alert' | 'tenant/id' | 'tenant/sensor#(epoch mod 4)';
  readonly cleanup: TopicCleanup;
  /** Largest record, bytes. */
  readonly maxMessageBytes: number;
  /** The service that alone writes it. */
  readonly writers: readonly string[];
  readonly readers: readonly string[];
  /** Whether `<topic>.dlq` exists: every topic that a stage reads has one. */
  readonly deadLetters: boolean;
  readonly description: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const kept = (retentionMs: number, segmentMs = Math.min(retentionMs / 4, 6 * HOUR)): TopicCleanup => ({
  kind: 'delete',
  retentionMs,
  segmentMs,
});
const compacted: TopicCleanup = { kind: 'compact' };
const MIB = 1024 * 1024;

const stateTopic = (stage: string): TopicSpec => ({
  suffix: `state.${stage}.v1`,
  schema: 'earshot.state.v1.StateSnapshot',
  key: 'tenant/sensor#(epoch mod 4)',
  cleanup: compacted,
  maxMessageBytes: 4 * MIB,
  writers: [stage],
  readers: [stage],
  deadLetters: false,
  description: `State snapshots of ${stage}`,
});

export const topics = {
  audio: {
    suffix: 'audio.v1',
    schema: 'earshot.audio.v1.AudioFrame',
    key: 'tenant/sensor',
    cleanup: kept(2 * HOUR, 15 * MINUTE),
    maxMessageBytes: 2 * MIB,
    writers: ['ingestion', 'fleet'],
    readers: ['feature-extraction', 'api'],
    deadLetters: true,
    description: 'About 1 s of sound per record, self-contained, or a Gap or Silent record',
  },
  audioBackfill: {
    suffix: 'audio-backfill.v1',
    schema: 'earshot.audio.v1.AudioFrame',
    key: 'tenant/sensor',
    cleanup: kept(DAY, HOUR),
    maxMessageBytes: 2 * MIB,
    writers: ['ingestion'],
    readers: ['feature-extraction', 'api'],
    deadLetters: true,
    description: 'The same, from sensors that were away',
  },
  features: {
    suffix: 'features.v1',
    schema: 'earshot.features.v1.LogMelFrame',
    key: 'tenant/sensor',
    cleanup: kept(6 * HOUR),
    maxMessageBytes: MIB,
    writers: ['feature-extraction'],
    readers: ['classification', 'anomaly-detection', 'api'],
    deadLetters: true,
    description: 'Log-mel frames of one second, with its levels; of machines long spectra too',
  },
  levels: {
    suffix: 'levels.v1',
    schema: 'earshot.levels.v1.SoundLevels',
    key: 'tenant/sensor',
    cleanup: kept(7 * DAY),
    maxMessageBytes: MIB,
    writers: ['feature-extraction', 'ingestion'],
    readers: ['alerting', 'sink', 'fleet', 'api'],
    deadLetters: true,
    description: 'Sound levels of one second: A, C, Z, maximum, peak, third octaves, 125 ms series',
  },
  classifications: {
    suffix: 'classifications.v1',
    schema: 'earshot.classifications.v1.Classification',
    key: 'tenant/sensor',
    cleanup: kept(7 * DAY),
    maxMessageBytes: MIB,
    writers: ['classification'],
    readers: ['sink', 'api'],
    deadLetters: true,
    description: 'Class probabilities per window of the live classifier',
  },
  classificationsShadow: {
    suffix: 'classifications-shadow.v1',
    schema: 'earshot.classifications.v1.Classification',
    key: 'tenant/sensor',
    cleanup: kept(7 * DAY),
    maxMessageBytes: MIB,
    writers: ['classification'],
    readers: [],
    deadLetters: false,
    description: 'The same, of classifiers in shadow: for comparison, nothing follows from it',
  },
  activity: {
    suffix: 'activity.v1',
    schema: 'earshot.activity.v1.SoundActivity',
    key: 'tenant/sensor',
    cleanup: kept(7 * DAY),
    maxMessageBytes: MIB,
    writers: ['classification'],
    readers: ['event-detection'],
    deadLetters: true,
    description: 'Class probabilities per step of 0.1 s of the live sequence model',
  },
  activityShadow: {
    suffix: 'activity-shadow.v1',
    schema: 'earshot.activity.v1.SoundActivity',
    key: 'tenant/sensor',
    cleanup: kept(7 * DAY),
    maxMessageBytes: MIB,
    writers: ['classification'],
    readers: [],
    deadLetters: false,
    description: 'The same, of sequence models in shadow: for comparison, nothing follows from it',
  },
  events: {
    suffix: 'events.v1',
    schema: 'earshot.events.v1.SoundEvent',
    key: 'tenant/sensor',
    cleanup: kept(30 * DAY),
    maxMessageBytes: MIB,
    writers: ['event-detection'],
    readers: ['alerting', 'sink', 'api'],
    deadLetters: true,
    description: 'Sound events: open, update, close',
  },
  anomalies: {
    suffix: 'anomalies.v1',
    schema: 'earshot.anomalies.v1.Anomaly',
    key: 'tenant/sensor',
    cleanup: kept(30 * DAY),
    maxMessageBytes: MIB,
    writers: ['anomaly-detection'],
    readers: ['alerting', 'sink', 'api'],
    deadLetters: true,
    description: 'Anomaly score, threshold, state, condition and explanation per scoring interval',
  },
  alerts: {
    suffix: 'alerts.v1',
    schema: 'earshot.alerts.v1.Alert',
    key: 'tenant/alert',
    cleanup: kept(90 * DAY),
    maxMessageBytes: MIB,
    writers: ['alerting'],
    readers: ['alerting', 'sink', 'api'],
    deadLetters: true,
    description: 'Alerts: raised, resolved',
  },
  sensors: {
    suffix: 'sensors.v1',
    schema: 'earshot.registry.v1.Sensor',
    key: 'tenant/id',
    cleanup: compacted,
    maxMessageBytes: MIB,
    writers: ['fleet'],
    readers: ['ingestion', 'feature-extraction', 'anomaly-detection', 'fleet', 'sink', 'api'],
    deadLetters: false,
    description: 'Registry: sensors',
  },
  calibrations: {
    suffix: 'calibrations.v1',
    schema: 'earshot.registry.v1.Calibration',
    key: 'tenant/id',
    cleanup: compacted,
    maxMessageBytes: MIB,
    writers: ['fleet'],
    readers: ['feature-extraction', 'fleet', 'sink', 'api'],
    deadLetters: false,
    description: 'Registry: calibrations, effective-dated; every one under its own key',
  },
  rules: {
    suffix: 'rules.v1',
    schema: 'earshot.registry.v1.Rule',
    key: 'tenant/id',
    cleanup: compacted,
    maxMessageBytes: MIB,
    writers: ['alerting'],
    readers: ['alerting', 'api'],
    deadLetters: false,
    description: 'Registry: alert rules, effective-dated',
  },
  models: {
    suffix: 'models.v1',
    schema: 'earshot.registry.v1.Model',
    key: 'tenant/id',
    cleanup: compacted,
    maxMessageBytes: MIB,
    writers: ['classification'],
    readers: ['classification', 'event-detection', 'api'],
    deadLetters: false,
    description: 'Registry: models that are installed',
  },
  modelRoles: {
    suffix: 'model-roles.v1',
    schema: 'earshot.registry.v1.ModelRoles',
    key: 'tenant/id',
    cleanup: compacted,
    maxMessageBytes: MIB,
    writers: ['classification'],
    readers: ['classification', 'api'],
    deadLetters: false,
    description:
      'Ledger: which models are live and in shadow, in complete pictures, effective-dated; every one under its own key',
  },
  reviews: {
    suffix: 'reviews.v1',
    schema: 'earshot.reviews.v1.EventReview',
    key: 'tenant/id',
    cleanup: compacted,
    maxMessageBytes: MIB,
    writers: ['fleet'],
    readers: ['fleet', 'sink'],
    deadLetters: true,
    description: 'What people said of events: right, wrong, another label, missed; key tenant/event id',
  },
  stateFeatureExtraction: stateTopic('feature-extraction'),
  stateClassification: stateTopic('classification'),
  stateEventDetection: stateTopic('event-detection'),
  stateAnomalyDetection: stateTopic('anomaly-detection'),
  stateAlerting: stateTopic('alerting'),
  stateFleet: {
    ...stateTopic('fleet'),
    key: 'tenant/sensor',
    description: 'Presence of every sensor, as fleet last knew it',
  },
} as const satisfies Record<string, TopicSpec>;

export type TopicId = keyof typeof topics;

/** Same for all topics, so that key k has the same partition number in each. A count is for ever. */
export const DEFAULT_PARTITIONS = 12;

/** Full name of a topic. `namespace` is `earshot` but in tests. */
export const topicName = (id: TopicId, namespace = 'earshot'): string => `${namespace}.${topics[id].suffix}`;

export const dlqName = (topic: string): string => `${topic}.dlq`;

/** Record key of everything that belongs to one sensor. */
export const sensorKey = (tenantId: string, sensorId: string): string => `${tenantId}/${sensorId}`;
