import { ClickHouseUnavailableError } from '../clickhouse/index.js';
import { KafkaUnavailableError, type RecordBatch } from '../kafka/index.js';

/** A dependency did not answer: waiting for it is not being stuck, and no restart helps. */
export const isDependencyAway = (error: unknown): boolean =>
  error instanceof KafkaUnavailableError ||
  error instanceof ClickHouseUnavailableError ||
  (error instanceof Error && error.cause !== undefined && isDependencyAway(error.cause));

/** Lag without progress for this long, while every dependency answers, counts as stuck. */
const STUCK_MS = 60_000;

interface PartitionLag {
  records: number;
  /** Time of the newest record that was processed, ms since the Unix epoch. */
  processedTimestampMs: number;
}

/** Watches how far a runner is behind and whether it moves. */
export class Progress {
  private readonly partitions = new Map<string, PartitionLag>();
  private lastProgressMs = Date.now();

  /** Anything that shows life: a slice processed, a snapshot restored, partitions assigned. */
  touch(): void {
    this.lastProgressMs = Date.now();
  }

  /** A batch failed; what failed for a dependency's sake puts the clock off. */
  failed(error: unknown): void {
    if (isDependencyAway(error)) this.touch();
  }

  /** A batch arrived: its records are the lag from now on. */
  arrived(batch: RecordBatch): void {
    const first = batch.records[0];
    if (first === undefined) return;
    this.partitions.set(`${batch.topic}#${batch.partition}`, {
      records: batch.highWatermark - first.kafkaOffset,
      processedTimestampMs: first.timestampMs,
    });
  }

  processed(batch: RecordBatch, lastIndex: number): void {
    const last = batch.records[lastIndex];
    if (last === undefined) return;
    this.touch();
    this.partitions.set(`${batch.topic}#${batch.partition}`, {
      records: Math.max(0, batch.highWatermark - 1 - last.kafkaOffset),
      processedTimestampMs: last.timestampMs,
    });
  }

  /** The assignment changed: lag of partitions that went is no longer ours. */
  reset(): void {
    this.partitions.clear();
    this.touch();
  }

  lag(nowMs = Date.now()): { readonly records: number; readonly seconds: number } {
    let records = 0;
    let seconds = 0;
    for (const entry of this.partitions.values()) {
      records += entry.records;
      if (entry.records > 0) seconds = Math.max(seconds, (nowMs - entry.processedTimestampMs) / 1000);
    }
    return { records, seconds };
  }

  /** Why only a restart helps, if so. */
  stuck(nowMs = Date.now()): string | undefined {
    const { records } = this.lag(nowMs);
    const idleMs = nowMs - this.lastProgressMs;
    if (records === 0 || idleMs < STUCK_MS) return undefined;
    return `${records} records behind and no progress for ${Math.round(idleMs / 1000)} s`;
  }
}
