import type { Logger } from '../telemetry/index.js';
import { retryForever, type Kafka } from './client.js';
import type { IncomingRecord, RecordConsumer } from './port.js';
import { createReader } from './reader.js';

export interface TopicViewOptions<T> {
  readonly topic: string;
  /** null: not to be shown (undecodable or deleted). */
  decode(record: IncomingRecord): T | null;
  onChange?(key: string, value: T | undefined): void;
  readonly logger: Logger;
}

/** A compacted topic as a table in memory: the latest value per key. */
export interface TopicView<T> {
  get(key: string): T | undefined;
  entries(): IterableIterator<[string, T]>;
  readonly size: number;
  /** Resolves once all that stood in the topic at the start is in the view. */
  readonly ready: Promise<void>;
  isReady(): boolean;
  stop(): Promise<void>;
}

export const createTopicView = <T>(kafka: Kafka, options: TopicViewOptions<T>): Promise<TopicView<T>> => {
  const table = new Map<string, T>();
  let isReady = false;
  let markReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });
  const apply = (record: IncomingRecord): void => {
    const value = record.value === null ? null : options.decode(record);
    if (value === null) table.delete(record.key);
    else table.set(record.key, value);
    options.onChange?.(record.key, value ?? undefined);
  };
  let reader: RecordConsumer | undefined;
  let stopped = false;
  const started = retryForever(
    `View of ${options.topic}`,
    options.logger,
    () => stopped,
    async () => {
      reader = await createReader(kafka, {
        topics: [options.topic],
        from: 'beginning',
        logger: options.logger,
        onRecord: apply,
        onCaughtUp: () => {
          isReady = true;
          markReady();
        },
      });
    },
  );
  return Promise.resolve({
    get: (key) => table.get(key),
    entries: () => table.entries(),
    get size() {
      return table.size;
    },
    ready,
    isReady: () => isReady,
    stop: async () => {
      stopped = true;
      await started;
      await reader?.stop();
    },
  });
};
