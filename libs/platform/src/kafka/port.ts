/** The Kafka port: all that Earshot asks of a Kafka client. The contract suite in this folder says what it promises. */

export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string;
  /** Set only for state snapshots, which live in the partition of their input; else murmur2 of the key decides. */
  readonly partition?: number;
  /** null deletes the key in a compacted topic. */
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RecordProducer {
  /**
   * Resolves when all in-sync replicas have every record; order per key is the order of calls. Concurrent calls share
   * one request in flight. Rejects with `KafkaUnavailableError` when the broker did not take them in time: then some may
   * be there all the same.
   */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

export interface IncomingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly kafkaOffset: number;
  readonly key: string;
  /** Pins all that was fetched with it: what is kept is copied (decoding does). null: a tombstone. */
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Broker or producer time, ms since the Unix epoch. */
  readonly timestampMs: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface RecordBatch extends TopicPartition {
  readonly records: readonly IncomingRecord[];
  /** Offset of the next record to be written to the partition: lag = highWatermark - 1 - last offset. */
  readonly highWatermark: number;
}

export interface BatchControl {
  /** Keeps the group membership alive; call between pieces of work that take longer than a second. */
  heartbeat(): Promise<void>;
  /** False once the partition was revoked or the consumer stops: drop what was read, commit nothing. */
  isCurrent(): boolean;
  /**
   * Commits the next offset to read; rejects with `FencedError` when the group has moved on. May also be called after the batch, as long as
   * `isCurrent`. Calls for several partitions share a request.
   */
  commit(nextKafkaOffset: number): Promise<void>;
}

export interface ConsumerHandlers {
  /**
   * The group gave these partitions (the whole assignment, after each rebalance), before anything is fetched. The answer
   * may say where to read from instead of the committed offsets: `topic#partition` to Kafka offset.
   */
  onAssigned?(assignment: readonly TopicPartition[]): ReadonlyMap<string, number> | undefined;
  onRevoked?(lost: readonly TopicPartition[]): void;
  /** One batch at a time per partition. A rejection makes the consumer read the batch again after a pause. */
  onBatch(batch: RecordBatch, control: BatchControl): Promise<void>;
  /** The consumer is about to leave its group and no batch is under way: the last moment to commit. */
  onDrained?(): Promise<void>;
}

export interface RecordConsumer {
  stop(): Promise<void>;
}
