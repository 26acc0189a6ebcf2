import { join } from 'node:path';
import { encodeWav16 } from '@earshot/platform/audio';
import { createRealFft } from '@earshot/platform/fft';
import { GrpcError, grpcStatus } from '@earshot/platform/grpc';
import { createClassifier, loadBundleFor, type ClassifierBundle } from '@earshot/platform/onnx';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createClassifyClip } from './classify-clip.js';

jest.setTimeout(60_000);

const TINY = join(import.meta.dirname, '../../../libs/platform/src/onnx/testdata/tiny');
const RATE_HZ = 16_000;
const tone = (durationS: number) =>
  Float32Array.from({ length: durationS * RATE_HZ }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / RATE_HZ));
const clip = (samples: Float32Array) => Buffer.from(encodeWav16(samples, RATE_HZ));

let bundle: ClassifierBundle;
let classify: ReturnType<typeof createClassifyClip>;
beforeAll(async () => {
  bundle = await loadBundleFor('audio-classification', TINY);
  const model = createClassifier(bundle);
  classify = createClassifyClip({ live: () => model, fft: await createRealFft(1024) });
});
afterAll(() => bundle.network.close());

describe('Classify', () => {
  it('scores every window of the clip and their mean, highest first', async () => {
    const answer = await classify({ audio: clip(tone(3)), channel: 0 });
    expect(answer).toMatchObject({ modelId: 'tiny', modelVersion: '1.0.0', sampleRateHz: RATE_HZ, durationS: 3 });
    expect(answer.windows.map(({ startS, durationS }) => [startS, durationS])).toEqual([
      [0, 2.044],
      [0.5, 2.044],
    ]);
    // A tone of 440 Hz is loud in the lower half of the bands only.
    expect(answer.classes.map(({ label }) => label)).toEqual(['low', 'high']);
    const mean = answer.windows.reduce((sum, { classes }) => sum + (classes[0]?.probability ?? NaN), 0) / 2;
    expect(answer.classes[0]?.probability).toBeCloseTo(mean, 9);
  });

  it('pads a clip shorter than a window', async () => {
    const { windows } = await classify({ audio: clip(tone(0.5)), channel: 0 });
    expect(windows).toMatchObject([{ startS: 0, durationS: 0.5 }]);
  });

  it.each([
    ['INVALID_ARGUMENT', 'unrecognised_format', () => ({ audio: Buffer.from('no sound at all'), channel: 0 })],
    ['INVALID_ARGUMENT', 'empty', () => ({ audio: Buffer.alloc(0), channel: 0 })],
    ['INVALID_ARGUMENT', 'Channel 1 of 1', () => ({ audio: clip(tone(1)), channel: 1 })],
    ['RESOURCE_EXHAUSTED', '60 s are allowed', () => ({ audio: clip(tone(61)), channel: 0 })],
  ] as const)('answers %s: %s', async (status, message, request) => {
    const error: unknown = await classify(request()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GrpcError);
    expect(error).toMatchObject({ code: grpcStatus[status], message: expect.stringContaining(message) });
  });
});
