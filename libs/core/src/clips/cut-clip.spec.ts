import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clipSpanOf, cutClip, type ClipFrame } from './cut-clip.js';

const RATE = 8_000;
const ANCHOR_US = Date.UTC(2026, 10, 22, 10) * 1000 + 123;

/** Sample k of the boot has the value (k + 1) / 2^20. */
const valueAt = (index: number): number => Math.fround((index + 1) / 2 ** 20);
const frame = (first: number, count: number, changes: Partial<ClipFrame> = {}): ClipFrame => ({
  bootId: 'b1',
  anchorTimeUs: ANCHOR_US,
  firstSampleIndex: first,
  sampleRateHz: RATE,
  samples: Float32Array.from({ length: count }, (_, i) => valueAt(first + i)),
  ...changes,
});
const span = (fromS: number, toS: number) => ({ fromUs: ANCHOR_US + fromS * 1e6, toUs: ANCHOR_US + toS * 1e6 });

describe('cutClip', () => {
  it('puts frames side by side, sample for sample', () => {
    const clip = cutClip([frame(0, RATE), frame(RATE, RATE), frame(2 * RATE, RATE)], span(0.5, 2.5));
    expect(clip?.samples.length).toBe(2 * RATE);
    expect(clip?.samples[0]).toBe(valueAt(RATE / 2));
    expect(clip?.samples.at(-1)).toBe(valueAt(2.5 * RATE - 1));
    expect(clip).toMatchObject({ coveredSamples: 2 * RATE, gaps: [] });
  });

  it('fills what is missing with zeros and says where', () => {
    const clip = cutClip([frame(0, RATE), frame(2 * RATE, RATE)], span(0.5, 4));
    expect(clip?.gaps).toEqual([
      { startS: 0.5, endS: 1.5 },
      { startS: 2.5, endS: 3.5 },
    ]);
    expect(clip?.coveredSamples).toBe(1.5 * RATE);
    expect(clip?.samples.subarray(0.5 * RATE, 1.5 * RATE).every((sample) => sample === 0)).toBe(true);
    expect(clip?.samples[1.5 * RATE]).toBe(valueAt(2 * RATE));
  });

  it('is null without any sample of the span', () => {
    expect(cutClip([], span(0, 1))).toBeNull();
    expect(cutClip([frame(0, RATE)], span(1, 2))).toBeNull();
  });

  it('keeps the sample rate of most of the span', () => {
    const other = { ...frame(0, 4_000), bootId: 'b2', sampleRateHz: 16_000, anchorTimeUs: ANCHOR_US + 1e6 };
    const clip = cutClip([frame(0, RATE), other], span(0, 2));
    expect(clip).toMatchObject({ sampleRateHz: RATE, coveredSamples: RATE, gaps: [{ startS: 1, endS: 2 }] });
  });

  it('is the same for any cut of the stream, any order and frames that come twice', () => {
    const whole = cutClip([frame(0, 2_000)], span(0.05, 0.2));
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 1_999 }), { maxLength: 20 }),
        fc.infiniteStream(fc.nat()),
        (cuts, shuffle) => {
          const edges = [0, ...cuts.sort((a, b) => a - b), 2_000];
          const pieces = edges.slice(1).map((end, i) => frame(edges[i] ?? 0, end - (edges[i] ?? 0)));
          const twice = [...pieces, ...pieces]
            .map((piece) => ({ piece, place: shuffle.next().value as number }))
            .sort((a, b) => a.place - b.place)
            .map(({ piece }) => piece);
          expect(cutClip(twice, span(0.05, 0.2))).toEqual(whole);
        },
      ),
    );
  });
});

describe('clipSpanOf', () => {
  it('adds context on both sides', () => {
    expect(clipSpanOf({ fromUs: 10e6, toUs: 12e6 }, { contextS: 2, maxS: 60 })).toEqual({ fromUs: 8e6, toUs: 14e6 });
  });

  it('keeps the beginning of a long event', () => {
    expect(clipSpanOf({ fromUs: 10e6, toUs: 900e6 }, { contextS: 2, maxS: 60 })).toEqual({ fromUs: 8e6, toUs: 68e6 });
  });
});
