import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import type { Logger } from '../telemetry/index.js';
import { fixedAssigner } from './assigner.js';
import type { Kafka } from './client.js';
import { createConsumer } from './consumer.js';
import { KafkaUnavailableError } from './errors.js';
import { patiently } from './patiently.js';
import type { IncomingRecord, RecordConsumer } from './port.js';

export interface RangeOptions {
  /** With equal numbers of partitions. */
  readonly topics: readonly string[];
  /** Only its partition is read, only its records are given. */
  readonly key: string;
  /** Record times, ms since the Unix epoch; both ends included. Times of a partition rise, but for clocks of several producers. */
  readonly fromMs: number;
  readonly toMs: number;
  /** `enough`: nothing more of this record's topic is wanted. */
  onRecord(record: IncomingRecord): 'more' | 'enough';
  /** Of the values read, other keys' included. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/** `bytes`, `time`: a limit ended it before the range did; what was given until then stands. */
export type RangeEnd = 'whole' | 'bytes' | 'time';

/** Of one partition in one response: a clip of a minute in few of them. */
const MAX_BYTES_PER_PARTITION = 4 * 1024 * 1024;

interface Part {
  readonly partition: number;
  readonly start: number;
  /** Next offset to be written when it was asked. */
  readonly end: number;
}

type Admin = ReturnType<Kafka['client']['admin']>;

const partOf = async (admin: Admin, topic: string, key: string, fromMs: number): Promise<Part | undefined> => {
  const ends = await admin.fetchTopicOffsets(topic);
  const partitionMetadata = ends.map(({ partition }) => ({
    ...{ partitionErrorCode: 0, partitionId: partition, leader: 0, replicas: [], isr: [] },
  }));
  const partition = kafkajs.Partitioners.DefaultPartitioner()({
    topic,
    partitionMetadata,
    message: { key, value: null },
  });
  const starts = await admin.fetchTopicOffsetsByTimestamp(topic, fromMs);
  const offsetIn = (all: readonly { readonly partition: number; readonly offset: string }[]): number =>
    Number(all.find((one) => one.partition === partition)?.offset ?? 0);
  const [start, end] = [offsetIn(starts), offsetIn(ends)];
  return start < end ? { partition, start, end } : undefined;
};

const partsOf = async (kafka: Kafka, options: RangeOptions): Promise<ReadonlyMap<string, Part>> => {
  const admin = kafka.client.admin();
  try {
    await admin.connect();
    const parts = await Promise.all(
      options.topics.map(async (topic) => [topic, await partOf(admin, topic, options.key, options.fromMs)] as const),
    );
    return new Map(parts.flatMap(([topic, part]) => (part === undefined ? [] : [[topic, part] as const])));
  } catch (error) {
    throw new KafkaUnavailableError(`No broker says where ${options.topics.join(', ')} begin and end`, {
      cause: error,
    });
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
};

/**
 * Reads what stands between two record times for one key, found by the broker's time index: no other partition and nothing before the range is
 * fetched. Records written after the call began may be left out. Rejects with `KafkaUnavailableError`.
 */
export const readRange = async (kafka: Kafka, options: RangeOptions): Promise<RangeEnd> => {
  // A broker that starts, or leads no longer, is asked again.
  const parts = await patiently(() => partsOf(kafka, options), Date.now() + options.timeoutMs);
  const open = new Set(parts.keys());
  const [first] = parts.values();
  if (first === undefined) return 'whole';
  let bytes = 0;
  let finish: (end: RangeEnd) => void = () => undefined;
  const ended = new Promise<RangeEnd>((resolve) => {
    finish = resolve;
  });
  const timer = setTimeout(() => finish('time'), options.timeoutMs);

  const take = (record: IncomingRecord, end: number): void => {
    bytes += record.value?.length ?? 0;
    const isLate = record.timestampMs > options.toMs;
    if (!isLate && record.key === options.key && record.timestampMs >= options.fromMs) {
      if (options.onRecord(record) === 'enough') open.delete(record.topic);
    }
    if (isLate || record.kafkaOffset + 1 >= end) open.delete(record.topic);
  };
  let consumer: Promise<RecordConsumer> | undefined;
  try {
    consumer = createConsumer(kafka, {
      groupId: `${kafka.clientId}-range-${randomUUID()}`,
      topics: [...parts.keys()],
      maxWaitMs: 100,
      maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
      logger: options.logger,
      assigner: fixedAssigner([first.partition]),
      handlers: {
        onAssigned: () => new Map([...parts].map(([topic, part]) => [`${topic}#${part.partition}`, part.start])),
        onBatch: ({ topic, records }) => {
          for (const record of records) {
            if (!open.has(topic) || bytes > options.maxBytes) break;
            take(record, parts.get(topic)?.end ?? 0);
          }
          if (open.size === 0) finish('whole');
          else if (bytes > options.maxBytes) finish('bytes');
          return Promise.resolve();
        },
      },
    });
    consumer.catch(() => finish('time'));
    return await ended;
  } finally {
    clearTimeout(timer);
    // Leaving the group takes its time; nobody has to wait for it.
    void consumer?.then((one) => one.stop()).catch(() => undefined);
  }
};
