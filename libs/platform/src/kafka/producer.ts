import { topics, type TopicSpec } from '@earshot/contracts';
import kafkajs, { type Producer, type TopicMessages } from 'kafkajs';
import type { Kafka } from './client.js';
import { isTooLarge, KafkaUnavailableError, RecordTooLargeError } from './errors.js';
import type { OutgoingRecord, RecordProducer } from './port.js';

/** One request holds at most this much, so that a burst does not become one giant request. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
const MAX_REQUEST_RECORDS = 5_000;
/** Keys, headers and framing of a record, at most about. */
const OVERHEAD_BYTES = 300;
/** A topic's limit holds for all records of one partition in a request together; compression may not help. */
const SHARE_OF_LIMIT = 0.9;
const DEFAULT_LIMIT_BYTES = 1024 * 1024;

const specs: readonly TopicSpec[] = Object.values(topics);

/** What the records of one partition may weigh in one request. */
const limitOf = (topic: string): number => {
  const name = topic.replace(/\.dlq$/, '');
  const spec = specs.find(({ suffix }) => name.endsWith(`.${suffix}`));
  return SHARE_OF_LIMIT * (spec?.maxMessageBytes ?? DEFAULT_LIMIT_BYTES);
};

const bytesOf = ({ value }: OutgoingRecord): number => (value?.byteLength ?? 0) + OVERHEAD_BYTES;

interface Waiting {
  readonly records: readonly OutgoingRecord[];
  /** Number of those that are acknowledged. */
  done: number;
  resolve(): void;
  reject(error: Error): void;
}

/** Records of one call that go into one request. */
interface Part {
  readonly call: Waiting;
  readonly records: readonly OutgoingRecord[];
}

const toTopicMessages = (parts: readonly Part[]): TopicMessages[] => {
  const byTopic = new Map<string, TopicMessages>();
  for (const record of parts.flatMap(({ records }) => records)) {
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

/** Fills a request in the order of the calls. */
class RequestRoom {
  private bytes = 0;
  private count = 0;
  private readonly byPlace = new Map<string, number>();

  /** False: the record has to wait for the next request. */
  take(record: OutgoingRecord): boolean {
    const bytes = bytesOf(record);
    // Where the key decides, all of the topic may meet in one partition.
    const place = `${record.topic}#${record.partition ?? ''}`;
    const held = this.byPlace.get(place) ?? 0;
    const isFull = this.count > 0 && (this.bytes + bytes > MAX_REQUEST_BYTES || this.count >= MAX_REQUEST_RECORDS);
    if (isFull || (held > 0 && held + bytes > limitOf(record.topic))) return false;
    this.bytes += bytes;
    this.count += 1;
    this.byPlace.set(place, held + bytes);
    return true;
  }
}

/**
 * Idempotent producer over kafkajs with one request in flight: concurrent calls are merged into the next request, and what is
 * too much for one is cut into several, in order.
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
    return new Promise((resolve, reject) => {
      this.waiting.push({ records, done: 0, resolve, reject });
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
      const parts = this.fill();
      if (parts.length === 0) {
        // In the same turn as the look at `waiting`: a call made a microtask later must find no pump, or nobody would send it.
        this.pump = undefined;
        return;
      }
      await this.request(parts);
    }
  }

  private fill(): readonly Part[] {
    const room = new RequestRoom();
    const parts: Part[] = [];
    for (const call of this.waiting) {
      const records: OutgoingRecord[] = [];
      let isFull = false;
      for (let at = call.done; at < call.records.length && !isFull; at++) {
        const record = call.records[at];
        if (record !== undefined && room.take(record)) records.push(record);
        else isFull = true;
      }
      if (records.length > 0) parts.push({ call, records });
      // Order is that of the calls: what comes later does not overtake.
      if (isFull) break;
    }
    return parts;
  }

  private end(call: Waiting, error?: Error): void {
    const at = this.waiting.indexOf(call);
    if (at < 0) return;
    this.waiting.splice(at, 1);
    if (error === undefined) call.resolve();
    else call.reject(error);
  }

  private async request(parts: readonly Part[]): Promise<void> {
    try {
      const producer = await this.connect();
      await producer.sendBatch({ acks: -1, timeout: 10_000, topicMessages: toTopicMessages(parts) });
      for (const { call, records } of parts) {
        call.done += records.length;
        if (call.done >= call.records.length) this.end(call);
      }
    } catch (error) {
      await this.replace();
      if (isTooLarge(error)) await this.oneByOne(parts, error as Error);
      else
        for (const { call } of parts)
          this.end(
            call,
            new KafkaUnavailableError(`Kafka did not take ${parts.length} call(s): ${(error as Error).message}`, {
              cause: error,
            }),
          );
    }
  }

  /** One record is too large: the others must not suffer for it. */
  private async oneByOne(parts: readonly Part[], cause: Error): Promise<void> {
    const [first] = parts;
    const [record] = first?.records ?? [];
    if (first !== undefined && record !== undefined && parts.length === 1 && first.records.length === 1) {
      const bytes = record.value?.byteLength ?? 0;
      this.end(
        first.call,
        new RecordTooLargeError(`A record is larger than its topic takes (${bytes} bytes)`, { cause }),
      );
      return;
    }
    for (const { call, records } of parts) {
      for (const one of records) {
        // Refused meanwhile: the rest of the call is not sent.
        if (this.waiting.includes(call)) await this.request([{ call, records: [one] }]);
      }
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
