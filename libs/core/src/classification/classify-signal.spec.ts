import { describe, expect, it } from '@jest/globals';
import { canonicalFrontEnd, classifySignal, listenToSignal, probabilityCode } from './index.js';
import { classifier, sequence } from './test-streams.js';

const signal = (frameCount: number) => ({
  frameCount,
  frames: Uint8Array.from({ length: frameCount * 64 }, (_, i) => 1 + (Math.floor(i / 64) % 255)),
});

describe('classifySignal', () => {
  const model = classifier('m', { frames: 100, hopFrames: 25 });

  it('gives every whole window, with the level of the second in which it ends', async () => {
    const windows = await classifySignal(canonicalFrontEnd, model, signal(176), [-10, -20, -30, -40]);
    expect(windows.map(({ timeUs, laeqDb, probabilities }) => [timeUs, laeqDb, ...probabilities])).toEqual([
      [0, -30, 1 / 256, 100 / 256],
      [500_000, -30, 26 / 256, 125 / 256],
      [1_000_000, -40, 51 / 256, 150 / 256],
      [1_500_000, -40, 76 / 256, 175 / 256],
    ]);
  });

  it('pads a signal shorter than a window, and has nothing to say without a frame', async () => {
    expect(await classifySignal(canonicalFrontEnd, model, signal(12))).toMatchObject([
      { timeUs: 0, windowMs: 2044, laeqDb: null, probabilities: [1 / 256, 0] },
    ]);
    expect(await classifySignal(canonicalFrontEnd, model, signal(0))).toEqual([]);
  });
});

describe('listenToSignal', () => {
  const model = sequence('q', { blockFrames: 50, pastFrames: 10, futureFrames: 10 });

  it('gives every whole step, with the level of the second that holds the middle of its block', async () => {
    const activity = await listenToSignal(canonicalFrontEnd, model, signal(119), [-10, -20, -30]);
    expect(activity.map(({ timeUs, stepMs, steps, laeqDb }) => [timeUs, stepMs, steps, laeqDb])).toEqual([
      [0, 100, 10, -10],
      [1_000_000, 100, 10, -20],
      [2_000_000, 100, 3, -30],
    ]);
    // Frames outside of the signal are code 0; step 1 of the last block begins with frame 105.
    expect(Array.from(activity[0]?.probabilities.subarray(0, 3) ?? [])).toEqual([0, 1, 60]);
    expect(Array.from(activity[2]?.probabilities.subarray(4, 7) ?? [])).toEqual([91, probabilityCode(106 / 255), 0]);
    expect(await listenToSignal(canonicalFrontEnd, model, signal(4))).toEqual([]);
  });
});
