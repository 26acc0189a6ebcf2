import { describe, expect, it, jest } from '@jest/globals';
import { ClickHouseUnavailableError } from '../clickhouse/index.js';
import type { IncomingRecord, RecordBatch } from '../kafka/index.js';
import { Progress } from './progress.js';

const batch = (firstOffset: number, count: number, highWatermark: number, timestampMs: number): RecordBatch => ({
  topic: 'in',
  partition: 0,
  highWatermark,
  records: Array.from({ length: count }, (_, index): IncomingRecord => ({
    topic: 'in',
    partition: 0,
    kafkaOffset: firstOffset + index,
    key: 'a',
    value: null,
    headers: {},
    timestampMs,
  })),
});

describe('Progress', () => {
  it('is not behind and not stuck before anything came', () => {
    const progress = new Progress();
    expect(progress.lag()).toEqual({ records: 0, seconds: 0 });
    expect(progress.stuck(Date.now() + 3_600_000)).toBeUndefined();
  });

  it('counts what arrived until it is processed', () => {
    const progress = new Progress();
    const nowMs = Date.now();
    const arrived = batch(10, 5, 20, nowMs - 3_000);
    progress.arrived(arrived);
    expect(progress.lag(nowMs)).toEqual({ records: 10, seconds: 3 });
    progress.processed(arrived, 4);
    expect(progress.lag(nowMs).records).toBe(5);
    progress.processed(batch(15, 5, 20, nowMs), 4);
    expect(progress.lag(nowMs)).toEqual({ records: 0, seconds: 0 });
  });

  it('is not stuck while a dependency is away, and is when something else fails', () => {
    const progress = new Progress();
    progress.arrived(batch(0, 5, 5, Date.now()));
    const soon = Date.now() + 59_000;
    jest.useFakeTimers({ now: soon });
    progress.failed(new Error('cut', { cause: new ClickHouseUnavailableError('away') }));
    expect(progress.stuck(soon + 59_000)).toBeUndefined();
    jest.setSystemTime(soon + 30_000);
    progress.failed(new Error('a bug'));
    expect(progress.stuck(soon + 61_000)).toMatch(/5 records behind/);
    jest.useRealTimers();
  });

  it('is stuck when it is behind and nothing moved for a minute; any sign of life counts', () => {
    const progress = new Progress();
    const nowMs = Date.now();
    progress.arrived(batch(10, 1, 11, nowMs));
    expect(progress.stuck(nowMs + 30_000)).toBeUndefined();
    expect(progress.stuck(nowMs + 61_000)).toMatch(/^1 records behind and no progress for 61 s$/);
    progress.reset();
    expect(progress.stuck(nowMs + 61_000)).toBeUndefined();
  });
});
