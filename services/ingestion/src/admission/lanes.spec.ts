import { describe, expect, it } from '@jest/globals';
import { AudioFrame } from '@earshot/contracts';
import fc from 'fast-check';
import { Lanes, type LaneSettings } from './lanes.js';
import { TokenBucket } from './token-bucket.js';

const NOW_MS = Date.UTC(2026, 5, 1);
const settings: LaneSettings = {
  sensorRate: 4,
  sensorBurstS: 20,
  tenantRate: 1000,
  tenantBurstS: 1000,
  backfillAfterS: 600,
};

/** One second that was just recorded when it is received at `nowMs`, or `ageS` before. */
const frame = (sequence: number, nowMs: number, ageS = 0, bootId = 'b'): AudioFrame =>
  AudioFrame.fromPartial({
    tenantId: 't',
    sensorId: 's',
    bootId,
    sequence,
    anchorTimeUs: (nowMs - ageS * 1000) * 1000 - (sequence + 1) * 1e6,
    firstSampleIndex: sequence * 8000,
    sampleRateHz: 8000,
    sampleCount: 8000,
    receivedTimeUs: nowMs * 1000,
  });

describe('TokenBucket', () => {
  it('never gives more than its burst and what flowed in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 5000 }), amount: fc.integer({ min: 1, max: 9 }) })),
        (takes) => {
          const bucket = new TokenBucket(4, 20, NOW_MS);
          let [nowMs, taken] = [NOW_MS, 0];
          for (const { afterMs, amount } of takes) {
            nowMs += afterMs;
            if (bucket.take(amount, nowMs)) taken += amount;
          }
          expect(taken).toBeLessThanOrEqual(20 + (4 * (nowMs - NOW_MS)) / 1000 + 1e-9);
        },
      ),
    );
  });

  it('gives everything to who keeps to the rate, whatever the clock does', () => {
    const bucket = new TokenBucket(4, 20, NOW_MS);
    for (let s = 0; s < 100; s++) expect(bucket.take(4, NOW_MS + s * 1000)).toBe(true);
    expect(bucket.take(1, NOW_MS - 3_600_000)).toBe(true);
  });
});

describe('Lanes', () => {
  it('sound of now is live, old sound is not', () => {
    const lanes = new Lanes(settings, () => false);
    expect(lanes.choose('t/s', frame(0, NOW_MS), NOW_MS)).toEqual({ lane: 'audio', reason: 'live' });
    expect(lanes.choose('t/o', frame(0, NOW_MS, 599), NOW_MS).lane).toBe('audio');
    expect(lanes.choose('t/o', frame(1, NOW_MS, 601), NOW_MS)).toEqual({ lane: 'audioBackfill', reason: 'old' });
  });

  it('a sensor at a hundred times its rate goes slow after its burst, the others stay live', () => {
    const lanes = new Lanes(settings, () => false);
    const fast: string[] = [];
    for (let i = 0; i < 1000; i++) {
      const nowMs = NOW_MS + i * 10;
      fast.push(lanes.choose('t/fast', frame(i, nowMs), nowMs).reason);
      if (i % 100 === 0) expect(lanes.choose('t/calm', frame(i / 100, nowMs), nowMs).lane).toBe('audio');
    }
    expect(fast.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 'live'));
    expect(new Set(fast.slice(21))).toEqual(new Set(['fast_sensor']));
  });

  it('a tenant that is too fast goes slow as a whole, other tenants do not', () => {
    const lanes = new Lanes({ ...settings, tenantRate: 10, tenantBurstS: 50 }, () => false);
    const reasons = Array.from({ length: 100 }, (_, i) => lanes.choose(`t/${i}`, frame(0, NOW_MS), NOW_MS).reason);
    expect(reasons.filter((reason) => reason === 'live')).toHaveLength(50);
    expect(reasons.filter((reason) => reason === 'fast_tenant')).toHaveLength(50);
    expect(lanes.choose('u/1', { ...frame(0, NOW_MS), tenantId: 'u' }, NOW_MS).lane).toBe('audio');
  });

  it('what follows slow frames stays behind them until they are read; elsewhere in time it is live', () => {
    let isRead = false;
    const lanes = new Lanes(settings, () => isRead);
    expect(lanes.choose('t/s', frame(7, NOW_MS, 601), NOW_MS).reason).toBe('old');
    expect(lanes.choose('t/s', frame(8, NOW_MS, 599), NOW_MS).reason).toBe('following');
    expect(lanes.choose('t/s', frame(608, NOW_MS), NOW_MS).reason).toBe('live');
    expect(lanes.choose('t/s', frame(0, NOW_MS, 0, 'c'), NOW_MS).reason).toBe('live');
    isRead = true;
    expect(lanes.choose('t/s', frame(9, NOW_MS, 598), NOW_MS).reason).toBe('live');
  });

  it('comes back to the live lane when it has kept to its rate for long enough', () => {
    const lanes = new Lanes(settings, () => false);
    let sequence = 0;
    for (; sequence < 40; sequence++) lanes.choose('t/s', frame(sequence, NOW_MS), NOW_MS);
    const reasons: string[] = [];
    for (let s = 1; s <= 330; s++, sequence++)
      reasons.push(lanes.choose('t/s', frame(sequence, NOW_MS + s * 1000), NOW_MS + s * 1000).reason);
    expect(reasons.at(-1)).toBe('live');
    expect(reasons[0]).toBe('following');
    expect(reasons.indexOf('live')).toBe(reasons.lastIndexOf('following') + 1);
  });
});
