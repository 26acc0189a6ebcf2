import { randomUUID } from 'node:crypto';
import type { Logger } from '../telemetry/index.js';
import { fixedAssigner } from './assigner.js';
import type { Kafka } from './client.js';
import { createConsumer } from './consumer.js';
import { isLeaderless } from './errors.js';
import { patiently } from './patiently.js';
import type { IncomingRecord, RecordConsumer } from './port.js';

export interface ReaderOptions {
  readonly topics: readonly string[];
  /** All partitions when absent. */
  readonly partitions?: readonly number[];
  readonly from: 'beginning' | 'end';
  onRecord(record: IncomingRecord): void;
  /** Once: everything that stood in the topics when the reader started was given. Only with `from: 'beginning'`. */
  onCaughtUp?(): void;
  readonly logger: Logger;
}

/**
 * Without a record for so long, ms, the ends are asked for again. Rounds of fetching without records tell nothing: a broker that starts has
 * many, and state restored up to there is too old. The last record of a compacted partition is never compacted away, so the end is
 * always reached, unless the broker lost what it had promised.
 */
const QUIET_MS = 5_000;
/**
 * More than the largest batch of any topic: a batch that is larger than what is asked for is cut, unless its partition is the first of the
 * answer, and nothing of a cut one can be used. Snapshots come in such batches.
 */
const MAX_BYTES_PER_PARTITION = 10 * 1024 * 1024;

/** How long a partition may be without a leader before that is an error, ms. */
const LEADERLESS_MS = 10_000;

const place = (topic: string, partition: number): string => `${topic}#${partition}`;

/** Offsets that were next to be written when asked, per `topic#partition`; empty partitions are left out. */
const endOffsets = (kafka: Kafka, options: ReaderOptions): Promise<Map<string, number>> =>
  patiently(() => askForEnds(kafka, options), Date.now() + LEADERLESS_MS, isLeaderless);

const askForEnds = async (kafka: Kafka, options: ReaderOptions): Promise<Map<string, number>> => {
  const admin = kafka.client.admin();
  await admin.connect();
  try {
    const ends = new Map<string, number>();
    for (const topic of options.topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        if (options.partitions !== undefined && !options.partitions.includes(partition)) continue;
        if (Number(high) > Number(low)) ends.set(place(topic, partition), Number(high));
      }
    }
    return ends;
  } finally {
    await admin.disconnect();
  }
};

/**
 * Reads partitions outside of any shared group, keeps its own positions through rejoins, commits nothing. Every reader
 * sees every record of its partitions.
 */
export const createReader = async (kafka: Kafka, options: ReaderOptions): Promise<RecordConsumer> => {
  const positions = new Map<string, number>();
  const open = options.from === 'beginning' ? await endOffsets(kafka, options) : new Map<string, number>();
  let caughtUp = options.from === 'end' || open.size === 0;
  let quietSinceMs = Date.now();
  const settle = (): void => {
    if (caughtUp || open.size > 0) return;
    caughtUp = true;
    options.onCaughtUp?.();
  };
  /** Ends that are nearer than they were when the reader started. */
  const askAgain = async (): Promise<void> => {
    const ends = await endOffsets(kafka, options);
    for (const [key, end] of open) {
      const now = Math.min(end, ends.get(key) ?? end);
      if ((positions.get(key) ?? 0) >= now) open.delete(key);
      else open.set(key, now);
    }
    settle();
  };
  if (caughtUp) options.onCaughtUp?.();
  return createConsumer(kafka, {
    groupId: `${kafka.clientId}-reader-${randomUUID()}`,
    topics: options.topics,
    fromBeginning: options.from === 'beginning',
    maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
    logger: options.logger,
    ...(options.partitions === undefined ? {} : { assigner: fixedAssigner(options.partitions) }),
    onFetch: () => {
      if (caughtUp || Date.now() - quietSinceMs < QUIET_MS) return;
      quietSinceMs = Date.now();
      const missing = [...open].map(([key, end]) => `${key} ${positions.get(key) ?? 0} of ${end}`);
      options.logger.warn({ missing }, 'Not read to the end yet, and nothing comes');
      askAgain().catch((error: unknown) => options.logger.debug({ err: error }, 'Ends are not known for now'));
    },
    handlers: {
      onAssigned: () => positions,
      onBatch: ({ topic, partition, records }) => {
        quietSinceMs = Date.now();
        for (const record of records) options.onRecord(record);
        const next = (records.at(-1)?.kafkaOffset ?? -1) + 1;
        const key = place(topic, partition);
        positions.set(key, next);
        if (next >= (open.get(key) ?? Infinity)) open.delete(key);
        settle();
        return Promise.resolve();
      },
    },
  });
};

/** Reads partitions from their beginning to what is their end now, then stops. */
export const readToEnd = async (kafka: Kafka, options: Omit<ReaderOptions, 'from' | 'onCaughtUp'>): Promise<void> => {
  let done: (() => void) | undefined;
  const caughtUp = new Promise<void>((resolve) => {
    done = resolve;
  });
  const reader = await createReader(kafka, { ...options, from: 'beginning', onCaughtUp: () => done?.() });
  await caughtUp;
  await reader.stop();
};

/** New records from now on, for live feeds. */
export const tailTopics = (
  kafka: Kafka,
  options: { readonly topics: readonly string[]; onRecord(record: IncomingRecord): void; readonly logger: Logger },
): Promise<RecordConsumer> => createReader(kafka, { ...options, from: 'end' });
