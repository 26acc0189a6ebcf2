import kafkajs, { type Consumer, type EachBatchPayload, type PartitionAssigner } from 'kafkajs';
import type { Logger } from '../telemetry/index.js';
import { coPartitionAssigner } from './assigner.js';
import { backoffMs, retryForever, sleep, type Kafka } from './client.js';
import { Committer } from './committer.js';
import { FencedError, isFencing } from './errors.js';
import { Pacer } from './pacer.js';
import type {
  BatchControl,
  ConsumerHandlers,
  IncomingRecord,
  RecordBatch,
  RecordConsumer,
  TopicPartition,
} from './port.js';

export interface ConsumerOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly handlers: ConsumerHandlers;
  /** Where a group without committed offsets starts. Default true: nothing is passed over. */
  readonly fromBeginning?: boolean;
  readonly logger: Logger;
  readonly assigner?: PartitionAssigner;
  /** Without a heartbeat for this long the group goes on without this member. */
  readonly sessionTimeoutMs?: number;
  /** How long the broker holds a fetch while there is no record, ms; the first record ends it. */
  readonly maxWaitMs?: number;
  /** Topics of a slow lane, and how many records a second are handled of each; the others do not wait for them. */
  readonly paced?: ReadonlyMap<string, number>;
  /** Of one partition in one response. Default 1 MiB. */
  readonly maxBytesPerPartition?: number;
  /** Every finished round of fetching, with or without records. */
  onFetch?(): void;
}

const MIB = 1024 * 1024;
/** What a dead instance held stands still for this long; a batch is cut into slices far shorter than it. */
export const SESSION_TIMEOUT_MS = 15_000;
/** How long the group waits in a rebalance for a member that lives but does not come back to join. */
const REBALANCE_TIMEOUT_MS = 20_000;
const HEARTBEAT_MS = 2_000;
const MAX_WAIT_MS = 500;
/** Least time between two fetches of a consumer that has read to the end: a fetch costs client and broker much the same whatever it brings. */
const GATHER_MS = 100;
/** Without a fetch or a heartbeat for this long, outside of handlers, the client is stuck: it is built anew. */
const STALL_MS = 60_000;
const WATCH_MS = 5_000;
/** At the end the batch under way has this long; what is not done then comes again. */
const DRAIN_MS = 3_000;
const DRAIN_POLL_MS = 100;
/** A slow lane rests so long after each piece of work. */
const PACED_REST_MS = 20;
/** Leaving the group takes at most this long; whoever hangs in it is cut off. */
const LEAVE_MS = 5_000;

const copyHeaders = (headers: EachBatchPayload['batch']['messages'][number]['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [
      name,
      Array.isArray(value) ? String(value[0]) : String(value ?? ''),
    ]),
  );

/** A batch's Buffers are slices of the whole fetch response, which they pin. */
const toBatch = ({ batch }: EachBatchPayload, most?: number): RecordBatch => ({
  topic: batch.topic,
  partition: batch.partition,
  highWatermark: Number(batch.highWatermark),
  records: batch.messages.slice(0, most).map((message): IncomingRecord => ({
    topic: batch.topic,
    partition: batch.partition,
    kafkaOffset: Number(message.offset),
    key: message.key === null ? '' : message.key.toString(),
    value: message.value,
    headers: copyHeaders(message.headers),
    timestampMs: Number(message.timestamp),
  })),
});

/** As kafkajs wants them. */
const byTopic = (offsets: readonly (TopicPartition & { readonly nextKafkaOffset: number })[]) =>
  [...new Set(offsets.map(({ topic }) => topic))].map((name) => ({
    topic: name,
    partitions: offsets
      .filter(({ topic }) => topic === name)
      .map(({ partition, nextKafkaOffset }) => ({ partition, offset: String(nextKafkaOffset) })),
  }));

const assignmentOf = (memberAssignment: Readonly<Record<string, number[]>>): readonly TopicPartition[] =>
  Object.entries(memberAssignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );

/** One kafkajs consumer. */
interface Member {
  readonly consumer: Consumer;
  /** No longer ours: whatever it still does is ignored, and it does not come back by itself. */
  disowned: boolean;
  fetchedAtMs: number;
  cutOff(): void;
}

/**
 * A consumer that is told to stop while it joins does not: kafkajs then starts it all the same, and the group has a member
 * that nobody can stop. So it is also cut off from the brokers.
 */
const dismiss = async (member: Member | undefined): Promise<void> => {
  if (member === undefined) return;
  member.disowned = true;
  await Promise.race([member.consumer.disconnect().catch(() => undefined), sleep(LEAVE_MS)]);
  member.cutOff();
};

/** A kafkajs consumer with the guards that DESIGN measured; rebuilt whenever it can't help itself. */
class GuardedConsumer implements RecordConsumer {
  private member: Member | undefined;
  private generation = 0;
  private assignment: readonly TopicPartition[] = [];
  private handling = 0;
  private lastSign = Date.now();
  private stopped = false;
  private draining = false;
  private rebuilding: Promise<void> | undefined;
  private readonly committer = new Committer();
  private readonly watchdog: NodeJS.Timeout;
  private readonly pacers: ReadonlyMap<string, Pacer>;

  constructor(
    private readonly kafka: Kafka,
    private readonly options: ConsumerOptions,
  ) {
    this.pacers = new Map(
      [...(options.paced ?? [])].map(([topic, recordsPerS]) => [topic, new Pacer(recordsPerS, performance.now())]),
    );
    this.watchdog = setInterval(() => {
      if (this.handling === 0 && Date.now() - this.lastSign > STALL_MS) this.rebuild('no fetch and no heartbeat');
    }, WATCH_MS);
    this.watchdog.unref();
  }

  async start(): Promise<void> {
    await retryForever(
      `Consumer ${this.options.groupId} start`,
      this.options.logger,
      () => this.stopped,
      () => this.build(),
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.watchdog);
    // Still a member of the group: what is under way is finished and committed, nothing new is begun.
    this.draining = true;
    const until = Date.now() + DRAIN_MS;
    while (this.handling > 0 && Date.now() < until) await sleep(20);
    await Promise.race([this.options.handlers.onDrained?.(), sleep(DRAIN_MS)]);
    this.stopped = true;
    // One that is still being built sees `stopped`.
    await Promise.race([this.rebuilding, sleep(LEAVE_MS)]);
    await dismiss(this.member);
  }

  private async build(): Promise<void> {
    const {
      groupId,
      topics,
      assigner,
      fromBeginning = true,
      maxWaitMs = MAX_WAIT_MS,
      sessionTimeoutMs = SESSION_TIMEOUT_MS,
      maxBytesPerPartition = MIB,
    } = this.options;
    const own = this.kafka.separate();
    const consumer = own.client.consumer({
      groupId,
      partitionAssigners: [assigner ?? coPartitionAssigner],
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: maxWaitMs,
      maxBytesPerPartition,
      maxBytes: Math.max(16 * MIB, 4 * maxBytesPerPartition),
      allowAutoTopicCreation: false,
      retry: {
        retries: 8,
        initialRetryTime: 100,
        maxRetryTime: 2_000,
        restartOnFailure: () => Promise.resolve(!member.disowned),
      },
    });
    const member: Member = { consumer, disowned: false, fetchedAtMs: 0, cutOff: () => own.cutOff() };
    this.member = member;
    this.lastSign = Date.now();
    const { events } = consumer;
    const alive = (): void => {
      if (!member.disowned) this.lastSign = Date.now();
    };
    consumer.on(events.HEARTBEAT, alive);
    consumer.on(events.FETCH_START, () => {
      member.fetchedAtMs = performance.now();
    });
    consumer.on(events.FETCH, () => {
      alive();
      this.options.onFetch?.();
    });
    // kafkajs calls listeners before the first fetch of the new generation, without awaiting them.
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      if (member.disowned) return;
      alive();
      this.joined(consumer, assignmentOf(payload.memberAssignment));
    });
    consumer.on(events.CRASH, ({ payload }) => {
      if (!payload.restart && !member.disowned) this.rebuild(payload.error.message);
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        // All partitions of a fetch at once: the work of handlers meets in shared requests.
        partitionsConsumedConcurrently: 32,
        eachBatch: (payload) => (member.disowned ? sleep(DRAIN_POLL_MS) : this.paced(payload, member)),
      });
    } catch (error) {
      await dismiss(member);
      throw error;
    }
  }

  private joined(consumer: Consumer, assignment: readonly TopicPartition[]): void {
    this.generation += 1;
    const lost = this.assignment;
    this.assignment = assignment;
    if (lost.length > 0) this.options.handlers.onRevoked?.(lost);
    const positions = this.options.handlers.onAssigned?.(assignment);
    for (const [place, kafkaOffset] of positions ?? []) {
      const cut = place.lastIndexOf('#');
      consumer.seek({
        topic: place.slice(0, cut),
        partition: Number(place.slice(cut + 1)),
        offset: String(kafkaOffset),
      });
    }
  }

  /**
   * A batch of a slow lane is cut to what its pace allows now, and its partition rests for at least as long as that took; the rest of it is fetched again. It can't
   * wait here: the next fetch, of whatever partition, begins when all batches of this one are handled.
   */
  private async paced(payload: EachBatchPayload, member: Member): Promise<void> {
    const { handlers } = this.options;
    const pacer = this.pacers.get(payload.batch.topic);
    if (pacer === undefined) {
      await this.handle(payload, handlers);
      return this.gather(payload, member);
    }
    const { messages } = payload.batch;
    const granted = pacer.grant(messages.length, performance.now());
    const begin = performance.now();
    if (granted > 0) await this.handle(payload, handlers, granted);
    const resume = payload.pause();
    setTimeout(resume, Math.max(performance.now() - begin, pacer.pauseMs, PACED_REST_MS));
  }

  /** The next fetch begins when all batches of this one are done: one that has read to the end of its partition lets records gather. */
  private async gather({ batch }: EachBatchPayload, { fetchedAtMs }: Member): Promise<void> {
    const isAtEnd = Number(batch.lastOffset()) >= Number(batch.highWatermark) - 1;
    const leftMs = fetchedAtMs + GATHER_MS - performance.now();
    if (isAtEnd && leftMs > 1 && !this.draining) await sleep(leftMs);
  }

  /** The first `most` records of the batch. */
  private async handle(payload: EachBatchPayload, handlers: ConsumerHandlers, most?: number): Promise<void> {
    const generation = this.generation;
    const batch = toBatch(payload, most);
    const isCurrent = (): boolean =>
      !this.stopped && this.generation === generation && payload.isRunning() && !payload.isStale();
    const control: BatchControl = {
      isCurrent,
      heartbeat: () => payload.heartbeat(),
      commit: (nextKafkaOffset) =>
        this.committer.add({
          ...{ topic: batch.topic, partition: batch.partition, nextKafkaOffset, isCurrent },
          send: (offsets) => payload.commitOffsetsIfNecessary({ topics: byTopic(offsets) }),
        }),
    };
    if (this.draining) {
      // Not resolved, so not committed: whoever has the partition next reads it.
      await sleep(DRAIN_POLL_MS);
      return;
    }
    this.handling += 1;
    try {
      const done = await this.untilDone(batch, control, handlers);
      const last = batch.records.at(-1);
      if (done && last !== undefined && isCurrent()) payload.resolveOffset(String(last.kafkaOffset));
    } finally {
      this.handling -= 1;
      this.lastSign = Date.now();
    }
  }

  /** Tries the batch until the handler takes it; gives up (false) when the partition is no longer ours or the end has come. */
  private async untilDone(batch: RecordBatch, control: BatchControl, handlers: ConsumerHandlers): Promise<boolean> {
    for (let tries = 0; control.isCurrent(); tries += 1) {
      try {
        await handlers.onBatch(batch, control);
        return true;
      } catch (error) {
        if (isFencing(error))
          throw error instanceof FencedError ? new kafkajs.KafkaJSError(error, { retriable: true }) : error;
        this.options.logger.warn(
          { err: error, topic: batch.topic, partition: batch.partition, tries },
          'Batch failed, trying again',
        );
        if (this.draining) return false;
        await this.pause(backoffMs(tries), control);
      }
    }
    return false;
  }

  private async pause(ms: number, control: BatchControl): Promise<void> {
    await sleep(ms);
    await control.heartbeat();
  }

  private rebuild(reason: string): void {
    if (this.stopped || this.rebuilding !== undefined) return;
    this.options.logger.warn({ group: this.options.groupId, reason }, 'Consumer is built anew');
    this.lastSign = Date.now();
    const old = this.member;
    this.member = undefined;
    this.generation += 1;
    this.rebuilding = (async () => {
      await dismiss(old);
      await this.start();
    })().finally(() => {
      this.rebuilding = undefined;
    });
  }
}

/** Joins the group and reads; resolves once the consumer runs. Retries for ever when no broker answers. */
export const createConsumer = async (kafka: Kafka, options: ConsumerOptions): Promise<RecordConsumer> => {
  const consumer = new GuardedConsumer(kafka, options);
  await consumer.start();
  return consumer;
};
