import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SoundStream, type ClipSource, type Played } from './clip.js';
import { createSyntheticSource, renderScene, SYNTHETIC_RATE_HZ } from './synthetic.js';

/** Clips of these lengths again and again; clip n is full of the number n + 1. */
const counting = (lengths: readonly number[]): ClipSource => {
  let n = 0;
  return {
    sampleRateHz: 8000,
    next: () => {
      const length = lengths[n % lengths.length] ?? 1;
      n += 1;
      return Promise.resolve({
        name: `clip-${n}`,
        samples: new Float32Array(length).fill(n),
        marks: [{ label: 'x', from: 0, to: length }],
      });
    },
  };
};

describe('SoundStream', () => {
  it('plays clips and gaps without a seam however it is read, and tells where each was', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
    const reads = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lengths, reads, fc.integer({ min: 0, max: 10 }), async (clips, counts, gap) => {
        const played: Played[] = [];
        const stream = new SoundStream(counting(clips), gap, (one) => played.push(one));
        const samples: number[] = [];
        for (const count of counts) samples.push(...(await stream.read(count)));
        stream.end();
        const expected: number[] = [];
        for (let n = 0; expected.length < samples.length; n++)
          expected.push(...Array<number>(clips[n % clips.length] ?? 1).fill(n + 1), ...Array<number>(gap).fill(0));
        expect(samples).toEqual(expected.slice(0, samples.length));
        // Together the clips told of are all the samples that are not silence.
        const told = played.flatMap(({ from, to }) => samples.slice(from, to));
        expect(told).toEqual(samples.filter((sample) => sample !== 0));
      }),
    );
  });
});

describe('synthetic scenes', () => {
  it('are the same for the same seed, others for another, and stay within full scale', async () => {
    const [a, again, other] = [
      createSyntheticSource(7, SYNTHETIC_RATE_HZ),
      createSyntheticSource(7, SYNTHETIC_RATE_HZ),
      createSyntheticSource(8, SYNTHETIC_RATE_HZ),
    ];
    const [first, second, third] = [await a.next(), await again.next(), await other.next()];
    expect(second).toEqual(first);
    expect(third.samples).not.toEqual(first.samples);
    for (let index = 0; index < 20; index++) {
      const { samples, marks } = renderScene(3, index, SYNTHETIC_RATE_HZ);
      expect(samples.every((sample) => Math.abs(sample) <= 1)).toBe(true);
      for (const { from, to } of marks) expect(0 <= from && from < to && to <= samples.length).toBe(true);
    }
  });
});
