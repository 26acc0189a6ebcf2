import { describe, expect, it } from '@jest/globals';
import { canonicalFrontEnd, classifySignal, type Classifier } from './index.js';

const config = {
  frontEnd: canonicalFrontEnd,
  window: { frames: 100, hopFrames: 25 },
  labels: ['first', 'last'],
  modelId: 'm',
  modelVersion: '1.0.0',
};
const classifier: Classifier = {
  predict: (windows) =>
    Promise.resolve(
      windows.map((codes) => ({
        probabilities: Float32Array.of((codes[0] ?? 0) / 256, (codes.at(-1) ?? 0) / 256),
        embedding: new Float32Array(0),
      })),
    ),
};
const signal = (frameCount: number) => ({
  frameCount,
  frames: Uint8Array.from({ length: frameCount * 64 }, (_, i) => 1 + (Math.floor(i / 64) % 255)),
});

describe('classifySignal', () => {
  it('gives every whole window, with the level of the second in which it ends', async () => {
    const windows = await classifySignal(config, classifier, signal(176), [-10, -20, -30, -40]);
    expect(windows.map(({ timeUs, laeqDb, probabilities }) => [timeUs, laeqDb, ...probabilities])).toEqual([
      [0, -30, 1 / 256, 100 / 256],
      [500_000, -30, 26 / 256, 125 / 256],
      [1_000_000, -40, 51 / 256, 150 / 256],
      [1_500_000, -40, 76 / 256, 175 / 256],
    ]);
  });

  it('pads a signal shorter than a window, and has nothing to say without a frame', async () => {
    expect(await classifySignal(config, classifier, signal(12))).toMatchObject([
      { timeUs: 0, windowMs: 2044, laeqDb: null, probabilities: [1 / 256, 0] },
    ]);
    expect(await classifySignal(config, classifier, signal(0))).toEqual([]);
  });
});
