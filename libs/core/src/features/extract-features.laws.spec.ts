import { checkChunkingLaw, checkReplayLaw } from '@earshot/testing/laws';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FRONT_END } from '../dsp/index.js';
import { createReferenceFft } from '../dsp/reference-fft.js';
import { noise } from '../levels/test-signals.js';
import { runStage } from '../stage/index.js';
import { createExtractFeatures, defaultFeatureConfig } from './extract-features.js';
import type { AudioInput, FeatureOutput } from './types.js';

const fft = createReferenceFft(FRONT_END.fftSize);
const stage = createExtractFeatures({ ...defaultFeatureConfig, reorderFrames: 3 }, { fft });
const ANCHOR_US = 1_700_000_000_000_000;
const SIGNAL = noise(8000 * 60, 0.3).map((x, n) => x * Math.sin(n / 7000) + 0.02);

interface Part {
  readonly kind: 'samples' | 'gap' | 'lost' | 'silent' | 'reboot';
  readonly sampleCount: number;
}

const part: fc.Arbitrary<Part> = fc.record({
  kind: fc.constantFrom('samples', 'samples', 'samples', 'samples', 'samples', 'gap', 'lost', 'silent', 'reboot'),
  sampleCount: fc.integer({ min: 1, max: 9000 }),
});

/** What a sensor would send, at 8 kHz. */
const toInputs = (parts: readonly Part[]): AudioInput[] => {
  let [boot, sequence, firstSampleIndex, total] = [0, 0, 0, 0];
  return parts.flatMap(({ kind, sampleCount }): AudioInput[] => {
    if (kind === 'reboot') [boot, sequence, firstSampleIndex] = [boot + 1, 0, 0];
    const frame = {
      tenantId: 't',
      sensorId: 's',
      bootId: `boot-${boot}`,
      sequence,
      anchorTimeUs: ANCHOR_US + boot * 100e6,
      firstSampleIndex,
      sampleRateHz: 8000,
      sampleCount,
      receivedTimeUs: ANCHOR_US,
    };
    if (kind === 'silent') {
      return [{ ...frame, bootId: '', body: { kind, sinceUs: frame.anchorTimeUs + firstSampleIndex * 125 } }];
    }
    if (kind === 'reboot') return [];
    sequence++;
    firstSampleIndex += sampleCount;
    total += sampleCount;
    if (kind === 'lost') return [];
    const from = total % (SIGNAL.length - 9000);
    return [{ ...frame, body: kind === 'gap' ? { kind } : { kind, samples: SIGNAL.slice(from, from + sampleCount) } }];
  });
};

/** The sensor's frames, some twice and some too late. */
const inputs = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 14 }), fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 14 }))
  .map(([parts, moves]) => {
    const all = toInputs(parts).map((input, i) => ({ input, at: i + (moves[i % moves.length] === 5 ? 4.5 : 0) }));
    const twice = all
      .filter((_, i) => moves[i % moves.length] === 4)
      .map(({ input, at }) => ({ input, at: at + 1.25 }));
    return [...all, ...twice].sort((a, b) => a.at - b.at).map(({ input }) => input);
  });

describe('feature extraction keeps the laws', () => {
  it('chunking', () => checkChunkingLaw(stage, inputs, { numRuns: 40 }));
  it('replay', () => checkReplayLaw(stage, inputs, { numRuns: 40 }));
});

describe('frames of any size give the same seconds', () => {
  it.each([8000, 22_050])('at %d Hz, bit for bit', (sampleRateHz) => {
    const samples = SIGNAL.subarray(0, Math.round(3.4 * sampleRateHz));
    const cut = (sizes: readonly number[]): readonly AudioInput[] => {
      const frames: AudioInput[] = [];
      for (let from = 0, sequence = 0; from < samples.length; sequence++) {
        const to = Math.min(samples.length, from + (sizes[sequence % sizes.length] ?? 1));
        frames.push({
          tenantId: 't',
          sensorId: 's',
          bootId: 'b',
          sequence,
          anchorTimeUs: ANCHOR_US,
          firstSampleIndex: from,
          sampleRateHz,
          sampleCount: to - from,
          receivedTimeUs: 0,
          body: { kind: 'samples', samples: samples.slice(from, to) },
        });
        from = to;
      }
      return frames;
    };
    const whole: readonly FeatureOutput[] = runStage(stage, 't/s', cut([sampleRateHz]));
    expect(whole).toHaveLength(8);
    const sizes = fc.array(fc.integer({ min: 200, max: 4 * sampleRateHz }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sizes, (some) => {
        expect(runStage(stage, 't/s', cut(some))).toEqual(whole);
      }),
      { numRuns: 12 },
    );
  });
});
