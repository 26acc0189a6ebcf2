import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gapsOf, hear, isOnline, MAX_HOLES, owesSilent, silentTold, type Presence } from './index.js';

const START = 1_780_000_000e6;
const SILENT_AFTER = 15e6;
const second = (index: number) => ({
  timeUs: START + index * 1e6,
  durationMs: 1000,
  sampleRateHz: 32_000,
  calibrated: false,
});
const hearAll = (indices: readonly number[], from?: Presence): Presence | undefined =>
  indices.reduce<Presence | undefined>((state, index) => hear(state, second(index), START + (index + 1) * 1e6), from);
const heard = (indices: readonly number[]): Presence => {
  const presence = hearAll(indices);
  if (presence === undefined) throw new Error('nothing heard');
  return presence;
};

describe('presence', () => {
  it('knows the end of the last second and finds no gap in a whole stream', () => {
    const presence = heard([0, 1, 2, 3]);
    expect(presence.lastSeenUs).toBe(START + 4e6);
    expect(gapsOf(presence, START + 4e6)).toEqual({ gapSeconds: 0, gapCount: 0 });
  });

  it('counts missing seconds and holes, and a late second fills its own', () => {
    const presence = heard([0, 1, 4, 5, 9]);
    expect(gapsOf(presence, START + 10e6)).toEqual({ gapSeconds: 5, gapCount: 2 });
    const late = hear(presence, second(3), START + 11e6);
    expect(gapsOf(late, START + 11e6)).toEqual({ gapSeconds: 4, gapCount: 2 });
    expect(gapsOf(hear(late, second(2), START + 11e6), START + 11e6)).toEqual({ gapSeconds: 3, gapCount: 1 });
  });

  it('gives what a list of all seconds gives, whatever is missing, late or twice', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 80 }), (indices) => {
        const start = Math.min(...indices);
        const presence = heard([start, ...indices]);
        const all = new Set(indices);
        const last = Math.max(...indices);
        let missing = 0;
        let holes = 0;
        for (let index = start; index < last; index += 1) {
          if (all.has(index)) continue;
          missing += 1;
          if (all.has(index - 1)) holes += 1;
        }
        expect(presence.lastSeenUs).toBe(START + (last + 1) * 1e6);
        expect(gapsOf(presence, START + 100e6)).toEqual({ gapSeconds: missing, gapCount: holes });
      }),
    );
  });

  it('stays small with a hole after every second, and keeps the sums', () => {
    const presence = heard(Array.from({ length: 3000 }, (_, index) => index * 2));
    expect(presence.holes.length).toBeLessThanOrEqual(MAX_HOLES);
    expect(gapsOf(presence, START + 6000e6)).toEqual({ gapSeconds: 2999, gapCount: 2999 });
  });

  it('forgets gaps after 24 h', () => {
    const presence = heard([0, 10, 90_000]);
    const { gapSeconds } = gapsOf(presence, START + 90_001e6);
    expect(gapSeconds).toBeLessThanOrEqual(86_400);
    expect(gapSeconds).toBeGreaterThan(86_000);
  });

  it('is online by the receiver, not by the event time', () => {
    const late = hear(undefined, second(0), START + 3600e6);
    expect(isOnline(late, START + 3610e6, SILENT_AFTER)).toBe(true);
    expect(isOnline(late, START + 3615e6, SILENT_AFTER)).toBe(false);
  });

  it('is not led into the future by a wrong clock', () => {
    const wrong = hear(heard([0]), second(1e6), START + 2e6);
    expect(wrong.lastSeenUs).toBe(START + 1e6);
    expect(isOnline(wrong, START + 3e6, SILENT_AFTER)).toBe(true);
  });

  it('owes one Silent per silence', () => {
    const presence = heard([0, 1]);
    expect(owesSilent(presence, START + 16e6, SILENT_AFTER, START)).toBe(false);
    expect(owesSilent(presence, START + 17e6, SILENT_AFTER, START)).toBe(true);
    const told = silentTold(presence);
    expect(owesSilent(told, START + 100e6, SILENT_AFTER, START)).toBe(false);
    expect(owesSilent(hear(told, second(1), START + 101e6), START + 200e6, SILENT_AFTER, START)).toBe(false);
    expect(owesSilent(hear(told, second(100), START + 101e6), START + 200e6, SILENT_AFTER, START)).toBe(true);
  });

  it('does not take its own deafness for silence', () => {
    expect(owesSilent(heard([0]), START + 60e6, SILENT_AFTER, START + 50e6)).toBe(false);
    expect(owesSilent(heard([0]), START + 65e6, SILENT_AFTER, START + 50e6)).toBe(true);
  });
});
