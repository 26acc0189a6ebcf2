import {
  createConsumer,
  sleep,
  type BatchControl,
  type Kafka,
  type RecordBatch,
  type RecordConsumer,
  type RecordProducer,
  type TopicPartition,
} from '../kafka/index.js';
import type { Logger, Registry } from '../telemetry/index.js';
import type { StageDefinition } from './definition.js';
import { OwnedPartition } from './partition.js';
import { Progress } from './progress.js';
import { createRunnerMetrics, type RunnerMetrics } from './runner-metrics.js';
import { claimRecord, formatOf, restorePartitions } from './snapshots.js';

export interface RunnerDeps {
  readonly kafka: Kafka;
  readonly producer: RecordProducer;
  readonly namespace: string;
  readonly logger: Logger;
  readonly registry: Registry;
}

const RESTORE_POLL_MS = 2_000;

/**
 * Runs a stage: decode and validate → group by key → step → produce, await acks → snapshot → commit.
 *
 * Guarantee: every record is in the results at least once, and a record processed again gives the same outputs with the
 * same ids. A failed batch is tried again until it works or the partition goes to another instance.
 */
export class StageRunner<S, I, O> {
  readonly name: string;
  private readonly metrics: RunnerMetrics;
  private readonly progress = new Progress();
  private owned = new Map<number, Promise<OwnedPartition<S, I, O>>>();
  private live: OwnedPartition<S, I, O>[] = [];
  private generation = 0;
  private consumer: RecordConsumer | undefined;
  private assigned = false;

  constructor(
    private readonly definition: StageDefinition<S, I, O>,
    private readonly deps: RunnerDeps,
  ) {
    this.name = `stage ${definition.name}`;
    this.metrics = createRunnerMetrics(deps.registry, () => ({
      ...this.progress.lag(),
      keys: this.live.reduce((sum, partition) => sum + partition.keyCount, 0),
    }));
  }

  async start(): Promise<void> {
    await this.definition.ready?.();
    this.consumer = await createConsumer(this.deps.kafka, {
      groupId: `${this.deps.namespace}.${this.definition.name}`,
      topics: this.definition.inputs.map(({ topic }) => topic),
      paced: new Map(
        this.definition.inputs.flatMap(({ topic, recordsPerS }) =>
          recordsPerS === undefined ? [] : [[topic, recordsPerS] as const],
        ),
      ),
      logger: this.deps.logger,
      handlers: {
        onAssigned: (assignment) => {
          this.assign(assignment);
          return undefined;
        },
        onRevoked: () => this.revoke(),
        onDrained: async () => {
          await Promise.allSettled(this.live.map((partition) => partition.commitAll()));
        },
        onBatch: (batch, control) =>
          this.onBatch(batch, control).catch((error: unknown) => {
            this.progress.failed(error);
            throw error;
          }),
      },
    });
  }

  /** Batches under way are finished, snapshot and committed; then the group is left. */
  async stop(): Promise<void> {
    await this.consumer?.stop();
    this.revoke();
  }

  ready(): boolean | string {
    return this.assigned || 'waiting for the consumer group';
  }

  stuck(): string | undefined {
    return this.progress.stuck();
  }

  lag(): { readonly records: number; readonly seconds: number } {
    return this.progress.lag();
  }

  private revoke(): void {
    this.generation += 1;
    for (const partition of this.live) partition.revoked = true;
    this.live = [];
    this.owned = new Map();
  }

  /** All state in memory goes; the snapshots of the new assignment are read. Batches wait for them, with heartbeats. */
  private assign(assignment: readonly TopicPartition[]): void {
    this.revoke();
    this.progress.reset();
    this.assigned = true;
    const generation = this.generation;
    const partitions = [...new Set(assignment.map(({ partition }) => partition))];
    const restoring = this.restore(partitions, generation);
    // Every batch that waits sees the failure; nobody may be waiting.
    restoring.catch(() => undefined);
    for (const partition of partitions) {
      const one = restoring.then((all) => {
        const found = all.get(partition);
        if (found === undefined) throw new Error(`partition ${partition} was not restored`);
        return found;
      });
      one.catch(() => undefined);
      this.owned.set(partition, one);
    }
  }

  private async restore(
    partitions: readonly number[],
    generation: number,
  ): Promise<ReadonlyMap<number, OwnedPartition<S, I, O>>> {
    const { definition, deps, metrics, progress } = this;
    const format = formatOf(definition);
    const touch = (): void => progress.touch();
    const restored = await restorePartitions<S>(deps.kafka, format, partitions, deps.logger, touch);
    await deps.producer.send(
      [...restored.values()].map(({ partition, epoch }) => claimRecord(format.topic, partition, epoch + 1)),
    );
    const context = { definition, producer: deps.producer, metrics, progress };
    const owned = new Map(
      [...restored.values()].map((one) => [one.partition, new OwnedPartition<S, I, O>(context, one, one.epoch + 1)]),
    );
    if (generation === this.generation) this.live = [...owned.values()];
    else for (const partition of owned.values()) partition.revoked = true;
    metrics.restores.inc(partitions.length);
    return owned;
  }

  private async onBatch(batch: RecordBatch, control: BatchControl): Promise<void> {
    this.metrics.batchRecords.observe(batch.records.length);
    this.progress.arrived(batch);
    const pending = this.owned.get(batch.partition);
    if (pending === undefined || !control.isCurrent()) return;
    const partition = await this.waitFor(batch.partition, pending, control);
    await partition.process(batch, control);
  }

  private async waitFor(
    number: number,
    pending: Promise<OwnedPartition<S, I, O>>,
    control: BatchControl,
  ): Promise<OwnedPartition<S, I, O>> {
    for (;;) {
      try {
        const partition = await Promise.race([pending, sleep(RESTORE_POLL_MS)]);
        if (partition instanceof OwnedPartition) return partition;
      } catch (error) {
        // The restore failed (broker away): the next try of this batch finds a new one.
        if (this.owned.get(number) === pending) this.retryRestore(number);
        throw error;
      }
      await control.heartbeat();
    }
  }

  private retryRestore(number: number): void {
    const again = this.restore([number], this.generation).then((all) => {
      const found = all.get(number);
      if (found === undefined) throw new Error(`partition ${number} was not restored`);
      return found;
    });
    again.catch(() => undefined);
    this.owned.set(number, again);
  }
}
