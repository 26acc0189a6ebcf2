import {
  createConsumer,
  sleep,
  type BatchControl,
  type IncomingRecord,
  type OutgoingRecord,
  type RecordBatch,
  type RecordConsumer,
} from '../kafka/index.js';
import { deadLetter } from './dead-letters.js';
import { decodeSafely, type SinkDefinition } from './definition.js';
import { Progress } from './progress.js';
import { createRunnerMetrics, type RunnerMetrics } from './runner-metrics.js';
import type { RunnerDeps } from './stage-runner.js';

interface Entry<I> {
  readonly input: I;
  readonly record: IncomingRecord;
}

interface Waiting<I> {
  readonly entries: readonly Entry<I>[];
  resolve(): void;
  reject(error: unknown): void;
}

const HEARTBEAT_MS = 2_000;

/** Runs a sink: decode → gather over all partitions → write → commit. What was written but not committed comes again. */
export class SinkRunner<I> {
  readonly name: string;
  private readonly metrics: RunnerMetrics;
  private readonly progress = new Progress();
  private readonly waiting: Waiting<I>[] = [];
  private pump: Promise<void> | undefined;
  private consumer: RecordConsumer | undefined;
  private assigned = false;

  constructor(
    private readonly definition: SinkDefinition<I>,
    private readonly deps: RunnerDeps,
  ) {
    this.name = `sink ${definition.name}`;
    this.metrics = createRunnerMetrics(deps.registry, () => ({
      ...this.progress.lag(),
      keys: 0,
    }));
  }

  async start(): Promise<void> {
    await this.definition.ready?.();
    this.consumer = await createConsumer(this.deps.kafka, {
      groupId: `${this.deps.namespace}.${this.definition.name}`,
      topics: this.definition.inputs.map(({ topic }) => topic),
      logger: this.deps.logger,
      handlers: {
        onAssigned: () => {
          this.assigned = true;
          this.progress.reset();
          this.definition.onAssigned?.();
          return undefined;
        },
        onBatch: (batch, control) =>
          this.onBatch(batch, control).catch((error: unknown) => {
            this.progress.failed(error);
            throw error;
          }),
      },
    });
  }

  async stop(): Promise<void> {
    await this.consumer?.stop();
    await this.pump;
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

  private async onBatch(batch: RecordBatch, control: BatchControl): Promise<void> {
    const { definition, metrics, progress, deps } = this;
    metrics.batchRecords.observe(batch.records.length);
    progress.arrived(batch);
    const input = definition.inputs.find(({ topic }) => topic === batch.topic);
    if (input === undefined) throw new Error(`${definition.name} does not read ${batch.topic}`);
    const entries: Entry<I>[] = [];
    const letters: OutgoingRecord[] = [];
    for (const record of batch.records) {
      if (record.value === null) continue;
      const decoded = decodeSafely(input, record);
      if (decoded.kind === 'input') entries.push({ input: decoded.input, record });
      else {
        metrics.outcomes.inc({ kind: 'dlq', reason: decoded.reason });
        letters.push(deadLetter(record, definition.name, decoded.reason, decoded.cause));
      }
    }
    metrics.records.inc({ topic: batch.topic }, batch.records.length);
    await deps.producer.send(letters);
    await this.beating(this.enqueue(entries), control);
    metrics.outcomes.inc({ kind: 'emit', reason: '' }, entries.length);
    const last = batch.records.at(-1);
    if (last === undefined) return;
    await control.commit(last.kafkaOffset + 1);
    progress.processed(batch, batch.records.length - 1);
  }

  /** Heartbeats go on while a write takes its time; a write that is under way is always waited for. */
  private async beating(work: Promise<void>, control: BatchControl): Promise<void> {
    const settled = work.then(() => true);
    while (!(await Promise.race([settled, sleep(HEARTBEAT_MS).then(() => false)]))) await control.heartbeat();
  }

  private enqueue(entries: readonly Entry<I>[]): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.waiting.push({ entries, resolve, reject });
      this.pump ??= this.drain();
    });
  }

  private async drain(): Promise<void> {
    const { lingerMs = 50, maxBatch = 10_000 } = this.definition;
    while (this.waiting.length > 0) {
      await sleep(lingerMs);
      let count = 0;
      let size = 0;
      for (const one of this.waiting) {
        if (count > 0 && size + one.entries.length > maxBatch) break;
        size += one.entries.length;
        count += 1;
      }
      const calls = this.waiting.splice(0, count);
      const end = this.metrics.stepSeconds.startTimer();
      try {
        await this.definition.write(calls.flatMap((call) => call.entries));
        for (const call of calls) call.resolve();
      } catch (error) {
        for (const call of calls) call.reject(error);
      }
      end();
    }
    // In the same turn as the last look at `waiting`: what comes a microtask later must find no pump.
    this.pump = undefined;
  }
}
