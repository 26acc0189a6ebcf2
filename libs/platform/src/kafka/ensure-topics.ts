import { DEFAULT_PARTITIONS, dlqName, topicName, topics, type TopicId, type TopicSpec } from '@earshot/contracts';
import kafkajs, { type Admin } from 'kafkajs';

const DLQ_RETENTION_MS = 14 * 24 * 3_600_000;
const MIB = 1024 * 1024;

/** Kafka's settings of one topic. Retention deletes closed segments only, hence the segment settings. */
export const topicConfig = (spec: TopicSpec): Readonly<Record<string, string>> => {
  const common = { 'max.message.bytes': String(spec.maxMessageBytes) };
  return spec.cleanup.kind === 'compact'
    ? {
        ...common,
        'cleanup.policy': 'compact',
        'segment.bytes': String(8 * MIB),
        'segment.ms': String(3_600_000),
        'min.cleanable.dirty.ratio': '0.2',
      }
    : {
        ...common,
        'cleanup.policy': 'delete',
        'retention.ms': String(spec.cleanup.retentionMs),
        'segment.ms': String(spec.cleanup.segmentMs),
        'segment.bytes': String(64 * MIB),
      };
};

/** Every topic with its settings, dead letters included. */
export const topicPlan = (
  namespace: string,
): readonly { readonly name: string; readonly config: Readonly<Record<string, string>> }[] =>
  (Object.keys(topics) as TopicId[]).flatMap((id) => {
    const spec: TopicSpec = topics[id];
    const name = topicName(id, namespace);
    const own = { name, config: topicConfig(spec) };
    if (!spec.deadLetters) return [own];
    const cleanup = { kind: 'delete', retentionMs: DLQ_RETENTION_MS, segmentMs: 24 * 3_600_000 } as const;
    return [own, { name: dlqName(name), config: topicConfig({ ...spec, cleanup }) }];
  });

const createMissing = async (
  admin: Admin,
  namespace: string,
  numPartitions: number,
  replicationFactor: number,
): Promise<readonly string[]> => {
  const existing = new Set(await admin.listTopics());
  const missing = topicPlan(namespace).filter(({ name }) => !existing.has(name));
  if (missing.length === 0) return [];
  await admin.createTopics({
    waitForLeaders: true,
    timeout: 30_000,
    topics: missing.map(({ name, config }) => ({
      topic: name,
      numPartitions,
      replicationFactor,
      configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
    })),
  });
  return missing.map(({ name }) => name);
};

/** Creates what is missing of the topics table. Safe to run twice and by several at once; never changes partition counts. */
export const ensureTopics = async (options: {
  readonly brokers: readonly string[];
  readonly namespace: string;
  readonly partitions?: number;
  readonly replicationFactor?: number;
}): Promise<{ readonly created: readonly string[] }> => {
  const client = new kafkajs.Kafka({
    clientId: 'earshot-topics',
    brokers: [...options.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    requestTimeout: 60_000,
    retry: { retries: 10, initialRetryTime: 200, maxRetryTime: 2_000 },
  });
  const admin = client.admin();
  await admin.connect();
  try {
    const created = await createMissing(
      admin,
      options.namespace,
      options.partitions ?? DEFAULT_PARTITIONS,
      options.replicationFactor ?? 1,
    );
    return { created };
  } finally {
    await admin.disconnect();
  }
};
