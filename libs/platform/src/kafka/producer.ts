import kafkajs, { type Producer, type TopicMessages } from 'kafkajs';
import type { Kafka } from './client.js';
import { isTooLarge, KafkaUnavailableError, RecordTooLargeError } from './errors.js';
import type { OutgoingRecord, RecordProducer } from './port.js';

/** One request holds at most this much, so that a burst does not become one giant request. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
const MAX_REQUEST_RECORDS = 5_000;

interface Waiting {
  readonly records: readonly OutgoingRecord[];
  readonly bytes: number;
  resolve(): void;
  reject(error: Error): void;
}

const toTopicMessages = (calls: readonly Waiting[]): TopicMessages[] => {
  const byTopic = new Map<string, TopicMessages>();
  for (const record of calls.flatMap((call) => call.records)) {
    let entry = byTopic.get(record.topic);
    if (entry === undefined) {
      entry = { topic: record.topic, messages: [] };
      byTopic.set(record.topic, entry);
    }
    entry.messages.push({
      key: record.key,
      value:
        record.value === null
          ? null
          : Buffer.from(record.value.buffer, record.value.byteOffset, record.value.byteLength),
      ...(record.headers === undefined ? {} : { headers: record.headers }),
      ...(record.partition === undefined ? {} : { partition: record.partition }),
    });
  }
  return [...byTopic.values()];
};

/**
 * Idempotent producer over kafkajs with one request in flight: concurrent calls are merged into the next request.
 * After a failed request the producer is replaced (a new producer id): kafkajs takes its sequence numbers back, and a
 * later record under a number that the broker already knows would be lost without a word.
 */
class SerialProducer implements RecordProducer {
  private readonly waiting: Waiting[] = [];
  private current: Producer | undefined;
  private pump: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly kafka: Kafka) {}

  send(records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    if (this.closed) return Promise.reject(new KafkaUnavailableError('The producer is closed'));
    const bytes = records.reduce((sum, record) => sum + (record.value?.byteLength ?? 0), 0);
    return new Promise((resolve, reject) => {
      this.waiting.push({ records, bytes, resolve, reject });
      this.pump ??= this.run();
    });
  }

  /** Connects; rejects when no broker answers. */
  async connect(): Promise<Producer> {
    if (this.current !== undefined) return this.current;
    const producer = this.kafka.client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    await producer.connect();
    this.current = producer;
    return producer;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.pump;
    await this.current?.disconnect();
    this.current = undefined;
  }

  private async run(): Promise<void> {
    // Calls made in the same turn of the event loop share the first request.
    await Promise.resolve();
    for (;;) {
      const calls = this.take();
      if (calls.length === 0) {
        // In the same turn as the look at `waiting`: a call made a microtask later must find no pump, or nobody would send it.
        this.pump = undefined;
        return;
      }
      await this.request(calls);
    }
  }

  private take(): readonly Waiting[] {
    let bytes = 0;
    let records = 0;
    let count = 0;
    for (const call of this.waiting) {
      if (count > 0 && (bytes + call.bytes > MAX_REQUEST_BYTES || records + call.records.length > MAX_REQUEST_RECORDS))
        break;
      bytes += call.bytes;
      records += call.records.length;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async request(calls: readonly Waiting[]): Promise<void> {
    try {
      const producer = await this.connect();
      await producer.sendBatch({ acks: -1, timeout: 10_000, topicMessages: toTopicMessages(calls) });
      for (const call of calls) call.resolve();
    } catch (error) {
      await this.replace();
      if (isTooLarge(error) && calls.length > 1) {
        // One call's record is too large: the others must not suffer for it.
        for (const call of calls) await this.request([call]);
        return;
      }
      const reason = isTooLarge(error)
        ? new RecordTooLargeError(`A record is larger than its topic takes (${calls[0]?.bytes ?? 0} bytes)`, {
            cause: error,
          })
        : new KafkaUnavailableError(`Kafka did not take ${calls.length} call(s): ${(error as Error).message}`, {
            cause: error,
          });
      for (const call of calls) call.reject(reason);
    }
  }

  private async replace(): Promise<void> {
    const broken = this.current;
    this.current = undefined;
    await broken?.disconnect().catch(() => undefined);
  }
}

/** A producer with `acks=all`; connects at once and rejects when no broker answers. */
export const createProducer = async (kafka: Kafka): Promise<RecordProducer> => {
  const producer = new SerialProducer(kafka);
  await producer.connect();
  return producer;
};
