import type { DlqReason, Outcome } from '@earshot/core/stage';
import {
  FencedError,
  isFencing,
  type BatchControl,
  type IncomingRecord,
  type OutgoingRecord,
  type RecordBatch,
  type RecordProducer,
} from '../kafka/index.js';
import { deadLetter } from './dead-letters.js';
import type { StageDefinition } from './definition.js';
import { withOrigin, type Origin } from './origin.js';
import type { Progress } from './progress.js';
import type { RunnerMetrics } from './runner-metrics.js';
import { groupByKey, selectFresh } from './selection.js';
import { formatOf, snapshotRecord, type KeyedState, type RestoredPartition } from './snapshots.js';
import { stepKeys } from './step.js';

/** Work between two heartbeats is cut to this, so that a long batch can't cost the membership. */
const SLICE_RECORDS = 128;
/**
 * How often state is snapshot and offsets are committed: what a crash makes the next owner do again, against a snapshot of every sensor
 * that was heard meanwhile. The doors count what is not committed as lag.
 */
const COMMIT_EVERY_MS = 3_000;

export interface PartitionContext<S, I, O> {
  readonly definition: StageDefinition<S, I, O>;
  readonly producer: RecordProducer;
  readonly metrics: RunnerMetrics;
  readonly progress: Progress;
}

/**
 * One partition number of all input topics while this instance owns it: the state of its keys, from restore to
 * revocation. A new assignment makes a new one; the old one is `revoked` and from then on writes nothing.
 */
export class OwnedPartition<S, I, O> {
  private readonly dirty = new Set<string>();
  private readonly nextOffsets = new Map<string, number>();
  private readonly committed = new Map<string, number>();
  private lastCommitMs = Date.now();
  private dueCommit: NodeJS.Timeout | undefined;
  /** Of the last batch of each input topic with something to commit. */
  private readonly uncommitted = new Map<string, BatchControl>();
  private queue: Promise<unknown> = Promise.resolve();
  revoked = false;

  constructor(
    private readonly context: PartitionContext<S, I, O>,
    private readonly restored: RestoredPartition<S>,
    /** Higher than that of any owner before. */
    private readonly epoch: number,
  ) {}

  get keyCount(): number {
    return this.restored.keys.size;
  }

  /** Batches of the several input topics take turns. */
  process(batch: RecordBatch, control: BatchControl): Promise<void> {
    const turn = this.queue.then(() => this.processInTurn(batch, control));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  /** Commits what is done and not committed yet, when the batch under way is. */
  commitAll(): Promise<void> {
    const turn = this.queue.then(() => this.commitUncommitted());
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private async processInTurn(batch: RecordBatch, control: BatchControl): Promise<void> {
    const { progress } = this.context;
    for (let from = 0; from < batch.records.length; from += SLICE_RECORDS) {
      const slice = batch.records.slice(from, from + SLICE_RECORDS);
      await this.slice(batch.topic, slice, control);
      progress.processed(batch, from + slice.length - 1);
      await this.heartbeat(batch.topic, control);
    }
    if (batch.records.length === 0) return;
    this.uncommitted.set(batch.topic, control);
    const leftMs = this.lastCommitMs + COMMIT_EVERY_MS - Date.now();
    if (leftMs <= 0) await this.commitUncommitted();
    else this.commitIn(leftMs);
  }

  private commitIn(ms: number): void {
    this.dueCommit ??= setTimeout(() => {
      this.commitAll().catch(() => {
        if (!this.revoked) this.commitIn(COMMIT_EVERY_MS);
      });
    }, ms).unref();
  }

  private async commitUncommitted(): Promise<void> {
    clearTimeout(this.dueCommit);
    this.dueCommit = undefined;
    for (const [topic, control] of this.uncommitted) await this.commit(topic, control);
    this.uncommitted.clear();
    this.lastCommitMs = Date.now();
  }

  /** When the group is about to rebalance, what was done so far is still committed: the next owner need not do it again. */
  private async heartbeat(topic: string, control: BatchControl): Promise<void> {
    try {
      await control.heartbeat();
    } catch (error) {
      this.uncommitted.set(topic, control);
      if (isFencing(error)) await this.commitUncommitted().catch(() => undefined);
      throw error;
    }
  }

  private async slice(topic: string, records: readonly IncomingRecord[], control: BatchControl): Promise<void> {
    const { definition, metrics, producer } = this.context;
    const input = definition.inputs.find((candidate) => candidate.topic === topic);
    if (input === undefined) throw new Error(`${definition.name} does not read ${topic}`);
    metrics.records.inc({ topic }, records.length);
    const { fresh, repeated, origins } = selectFresh(topic, records, this.restored.keys);
    if (repeated > 0) metrics.outcomes.inc({ kind: 'drop', reason: 'duplicate' }, repeated);
    const { groups, failures } = groupByKey(input, fresh);

    const end = metrics.stepSeconds.startTimer();
    const steps = await stepKeys(
      definition.stage,
      groups.map(([key, group]) => ({
        state: this.restored.keys.get(key)?.state ?? definition.stage.init(key),
        inputs: group.map((one) => one.input),
      })),
    );
    end();

    const letters = failures.map(({ record, failure }) => this.dead(record, failure.reason, failure.cause));
    const outputs = groups.flatMap(([, group], index) =>
      (steps[index]?.outcomes ?? []).flatMap((outcome, at) => {
        const record = group[at]?.record;
        return record === undefined ? [] : this.outgoing(outcome, record);
      }),
    );
    this.ensureOwned(control);
    await producer.send([...outputs, ...letters]);
    for (const record of outputs) metrics.outputs.inc({ topic: record.topic });

    groups.forEach(([key, group], index) => {
      const step = steps[index];
      const lastRecord = group.at(-1)?.record;
      if (step !== undefined && lastRecord !== undefined) this.advance(key, step.state, lastRecord, origins);
    });
    const last = records.at(-1);
    if (last !== undefined) this.nextOffsets.set(topic, last.kafkaOffset + 1);
  }

  private advance(
    key: string,
    state: S,
    { topic, kafkaOffset }: IncomingRecord,
    origins: ReadonlyMap<string, ReadonlyMap<string, Origin>>,
  ): void {
    const { keys } = this.restored;
    const entry: KeyedState<S> = keys.get(key) ?? { state, positions: new Map(), origins: new Map() };
    entry.state = state;
    entry.positions.set(topic, kafkaOffset);
    for (const [channel, origin] of origins.get(key) ?? []) entry.origins.set(channel, origin);
    keys.set(key, entry);
    this.dirty.add(key);
  }

  private outgoing(outcome: Outcome<O>, record: IncomingRecord): readonly OutgoingRecord[] {
    const { definition, metrics } = this.context;
    switch (outcome.kind) {
      case 'emit':
        metrics.outcomes.inc({ kind: 'emit', reason: '' });
        return outcome.values.map((value, index) => withOrigin(definition.route(value), record, index));
      case 'drop':
        metrics.outcomes.inc({ kind: 'drop', reason: outcome.reason });
        return [];
      case 'dlq':
        return [this.dead(record, outcome.reason, outcome.cause)];
    }
  }

  private dead(record: IncomingRecord, reason: DlqReason, cause: string): OutgoingRecord {
    this.context.metrics.outcomes.inc({ kind: 'dlq', reason });
    return deadLetter(record, this.context.definition.name, reason, cause);
  }

  /** Snapshots every key that changed, then commits: offset C only when all that is before it is in a snapshot. */
  private async commit(topic: string, control: BatchControl): Promise<void> {
    const { definition, producer, metrics } = this.context;
    this.ensureOwned(control);
    const format = formatOf(definition);
    const keys = [...this.dirty];
    const records = keys.flatMap((key) => {
      const entry = this.restored.keys.get(key);
      return entry === undefined ? [] : [snapshotRecord(format, this.restored.partition, this.epoch, key, entry)];
    });
    await producer.send(records);
    metrics.snapshotBytes.inc(records.reduce((sum, record) => sum + (record.value?.byteLength ?? 0), 0));
    for (const key of keys) this.dirty.delete(key);
    const next = this.nextOffsets.get(topic);
    if (next === undefined || next === this.committed.get(topic)) return;
    this.ensureOwned(control);
    await control.commit(next);
    this.committed.set(topic, next);
  }

  private ensureOwned(control: BatchControl): void {
    if (this.revoked || !control.isCurrent()) throw new FencedError(`partition ${this.restored.partition} was revoked`);
  }
}
