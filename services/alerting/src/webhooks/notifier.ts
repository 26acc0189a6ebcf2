import { Alert, topicName } from '@earshot/contracts';
import type { ServicePart } from '@earshot/nest/service';
import {
  createConsumer,
  isFencing,
  retryForever,
  type BatchControl,
  type IncomingRecord,
  type Kafka,
  type OutgoingRecord,
  type RecordBatch,
  type RecordConsumer,
  type RecordProducer,
} from '@earshot/platform/kafka';
import { deadLetter, dlqHeaders } from '@earshot/platform/stage-runner';
import { Counter, type Logger, type Registry } from '@earshot/platform/telemetry';
import { WebhookDeliveries, type DeliveryEnd, type DeliveryOptions } from './delivery.js';
import { OffsetTracker } from './offset-tracker.js';
import { idempotencyKey, webhookBody } from './webhook-body.js';

export interface NotifierDeps extends DeliveryOptions {
  readonly kafka: Kafka;
  readonly producer: RecordProducer;
  readonly namespace: string;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Empty: the rule's alerts are posted nowhere. */
  webhookUrl(tenantId: string, ruleId: string): string;
}

interface Tracked {
  readonly tracker: OffsetTracker;
  control: BatchControl;
  timer: NodeJS.Timeout | undefined;
}

const COMMIT_DELAY_MS = 200;
const STAGE = 'alerting-webhook';
/** Deliveries remembered, so that records read again after a rebalance are not posted again. */
const REMEMBERED = 10_000;

/**
 * alerts.v1 → webhooks. Each transition is posted until it is delivered or given up (then it goes to the DLQ of alerts.v1,
 * reason `undeliverable`); a record's offset is committed only after that, so a restart posts again what had no end, under
 * the same Idempotency-Key. Reading goes on meanwhile: a slow endpoint holds up only its own queue.
 */
export class Notifier implements ServicePart {
  readonly name = 'webhooks';
  private readonly deliveries: WebhookDeliveries;
  private readonly results: Counter;
  private readonly underWay = new Map<string, Promise<DeliveryEnd>>();
  private readonly delivered = new Set<string>();
  private tracked = new Map<number, Tracked>();
  private consumer: RecordConsumer | undefined;
  private assigned = false;
  private stopped = false;

  constructor(private readonly deps: NotifierDeps) {
    this.deliveries = new WebhookDeliveries(deps);
    this.results = new Counter({
      name: 'earshot_webhook_deliveries_total',
      help: 'Alert transitions by what became of their webhook',
      labelNames: ['result'],
      registers: [deps.registry],
    });
  }

  async start(): Promise<void> {
    const { kafka, namespace, logger } = this.deps;
    this.consumer = await createConsumer(kafka, {
      groupId: `${namespace}.${STAGE}`,
      topics: [topicName('alerts', namespace)],
      logger,
      handlers: {
        onAssigned: () => {
          this.assigned = true;
          this.tracked = new Map();
          return undefined;
        },
        onBatch: (batch, control) => this.onBatch(batch, control),
      },
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.deliveries.stop();
    await Promise.all([...this.tracked.keys()].map((partition) => this.commit(partition)));
    await this.consumer?.stop();
  }

  ready(): boolean | string {
    return this.assigned || 'webhooks wait for the consumer group';
  }

  private async onBatch(batch: RecordBatch, control: BatchControl): Promise<void> {
    const entry = this.tracked.get(batch.partition) ?? { tracker: new OffsetTracker(), control, timer: undefined };
    entry.control = control;
    this.tracked.set(batch.partition, entry);
    for (const record of batch.records) {
      if (!entry.tracker.begin(record.kafkaOffset)) continue;
      void this.handle(record).then((done) => {
        if (!done) return;
        entry.tracker.end(record.kafkaOffset);
        this.commitSoon(batch.partition, entry);
      });
    }
    await Promise.resolve();
  }

  /** True: the record is at its end. */
  private async handle(record: IncomingRecord): Promise<boolean> {
    if (record.value === null) return true;
    let alert: Alert;
    try {
      alert = Alert.decode(record.value);
    } catch (error) {
      return this.bury(deadLetter(record, STAGE, 'undecodable', (error as Error).message));
    }
    const url = this.deps.webhookUrl(alert.tenantId, alert.ruleId);
    const key = idempotencyKey(alert);
    if (url === '' || this.delivered.has(key)) return true;
    const end = await this.deliverOnce(key, alert, url);
    if (end.kind === 'stopped') return false;
    this.results.inc({ result: end.kind === 'delivered' ? 'delivered' : end.why });
    if (end.kind === 'delivered') {
      this.remember(key);
      return true;
    }
    const letter = deadLetter(record, STAGE, 'invalid', `${end.why}: ${end.reason}`);
    return this.bury({ ...letter, headers: { ...letter.headers, [dlqHeaders.reason]: 'undeliverable' } });
  }

  private deliverOnce(key: string, alert: Alert, url: string): Promise<DeliveryEnd> {
    const running = this.underWay.get(key);
    if (running !== undefined) return running;
    const delivery = { url, alertId: alert.id, idempotencyKey: key, body: webhookBody(alert) };
    const started = this.deliveries.deliver(delivery).finally(() => this.underWay.delete(key));
    this.underWay.set(key, started);
    return started;
  }

  private remember(key: string): void {
    this.delivered.add(key);
    const [oldest] = this.delivered;
    if (this.delivered.size > REMEMBERED && oldest !== undefined) this.delivered.delete(oldest);
  }

  private async bury(letter: OutgoingRecord): Promise<boolean> {
    let buried = false;
    await retryForever(
      'Dead letter of a webhook',
      this.deps.logger,
      () => this.stopped,
      async () => {
        await this.deps.producer.send([letter]);
        buried = true;
      },
    );
    return buried;
  }

  private commitSoon(partition: number, entry: Tracked): void {
    entry.timer ??= setTimeout(() => {
      entry.timer = undefined;
      if (this.tracked.get(partition) === entry) void this.commit(partition);
    }, COMMIT_DELAY_MS).unref();
  }

  private async commit(partition: number): Promise<void> {
    const entry = this.tracked.get(partition);
    const due = entry?.tracker.due();
    if (entry === undefined || due === undefined || !entry.control.isCurrent()) return;
    try {
      await entry.control.commit(due);
      entry.tracker.didCommit(due);
    } catch (error) {
      // The next delivery or the next owner makes up for it; until then records may come again.
      if (!isFencing(error)) this.deps.logger.warn({ err: error, partition }, 'Commit of webhooks failed');
    }
  }
}
