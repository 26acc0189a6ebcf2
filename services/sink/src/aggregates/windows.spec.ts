import { describe, expect, it } from '@jest/globals';

import { DirtyWindows } from './dirty-windows.js';
import { toChunks } from './recompute.js';
import { windowOf, windowSizes, type SensorWindow, type WindowSize } from './windows.js';

const sizeOf = (table: string): WindowSize => {
  const size = windowSizes.find((one) => one.table === table);
  if (size === undefined) throw new Error(table);
  return size;
};
const minute = sizeOf('levels_1m');
const hour = sizeOf('levels_1h');
const window = (startS: number, sensorId = 's'): SensorWindow => ({ tenantId: 't', sensorId, startS });

describe('windows', () => {
  it('own the seconds that begin in them', () => {
    const at = (timeUs: number): number => windowOf({ tenantId: 't', sensorId: 's', timeUs }, minute).startS;
    expect(at(119_999_999)).toBe(60);
    expect(at(120_000_000)).toBe(120);
  });
});

describe('dirty windows', () => {
  it('wait while they are open, counted from the first change', () => {
    const dirty = new DirtyWindows(hour);
    dirty.mark(window(0), 1_000);
    dirty.mark(window(0), 50_000);
    expect(dirty.take(60_999)).toEqual([]);
    expect(dirty.take(61_000)).toEqual([window(0)]);
    expect(dirty.count).toBe(0);
  });

  it('are due two seconds after they have closed, when their last rows are there', () => {
    const dirty = new DirtyWindows(hour);
    dirty.mark(window(0), 3_599_000);
    expect(dirty.take(3_601_900)).toEqual([]);
    expect(dirty.take(3_602_000)).toEqual([window(0)]);
    dirty.mark(window(0), 3_603_000);
    expect(dirty.take(3_604_900)).toEqual([]);
    expect(dirty.take(3_605_000)).toEqual([window(0)]);
  });

  it('that closed long ago wait like open ones, so that a backfill does not recompute an hour per batch', () => {
    const dirty = new DirtyWindows(hour);
    const nowMs = 100 * 3_600_000;
    dirty.mark(window(0), nowMs);
    expect(dirty.take(nowMs + 1_000)).toEqual([]);
    expect(dirty.take(nowMs + hour.everyMs)).toEqual([window(0)]);
  });
});

describe('chunks', () => {
  it('hold every window once, in order of time, within the bounds of a statement', () => {
    const windows = Array.from({ length: 500 }, (_, index) =>
      window(((index * 7) % 500) * 3600, `sensor-${index % 20}`),
    );
    const chunks = toChunks(windows, hour);
    expect(chunks.flat()).toHaveLength(500);
    expect(new Set(chunks.flat())).toEqual(new Set(windows));
    const starts = chunks.flat().map((one) => one.startS);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    for (const chunk of chunks) expect(chunk.length * hour.seconds).toBeLessThanOrEqual(400_000);
  });

  it('stay short enough for a URL with long ids', () => {
    const windows = Array.from({ length: 3000 }, (_, index) => window(index * 60, 'x'.repeat(64)));
    const chunks = toChunks(windows, minute);
    expect(chunks.length).toBeGreaterThan(1);
    for (const chunk of chunks) {
      expect(chunk.reduce((sum, one) => sum + one.sensorId.length, 0)).toBeLessThan(40_100);
    }
  });
});
