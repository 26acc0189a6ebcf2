import { AudioFrame, LogMelFrame, PcmFormat, SoundLevels } from '@earshot/contracts';
import type { AudioInput, FeatureOutput, FeatureState } from '@earshot/core/features';
import { emitted, type Stage } from '@earshot/core/stage';
import { createRealFft } from '@earshot/platform/fft';
import { decodeSafely, type StageDefinition } from '@earshot/platform/stage-runner';
import { fuzz, mutated, oddNumber } from '@earshot/testing/fuzz';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { createPipeline } from './pipeline.js';

jest.setTimeout(3_600_000);

const RATE_HZ = 8_000;
const ANCHOR_US = 1_780_000_000_000_000;
let pipeline: StageDefinition<FeatureState, AudioInput, FeatureOutput>;

beforeAll(async () => {
  pipeline = createPipeline(
    'test',
    { REORDER_FRAMES: 16, REORDER_MS: 10_000, BACKFILL_FRAMES_PER_S: 50 },
    {
      ...{ fft: await createRealFft(1024), longFft: await createRealFft(8192) },
      ...{ calibrationAt: () => null, machineAt: () => null, viewsReady: Promise.resolve() },
    },
  );
});

const pcm = (format = PcmFormat.PCM_FORMAT_S16LE): AudioFrame['body'] => ({
  $case: 'pcm',
  value: { format, data: Buffer.alloc(RATE_HZ * 2, 'sound ') },
});

const frame = (change: Partial<AudioFrame> = {}): AudioFrame =>
  AudioFrame.fromPartial({
    ...{ tenantId: 't', sensorId: 's', bootId: 'b', anchorTimeUs: ANCHOR_US, receivedTimeUs: ANCHOR_US },
    ...{ sampleRateHz: RATE_HZ, sampleCount: RATE_HZ, body: pcm() },
    ...change,
  });

/** All of them through the stage: outputs can be written and read, levels are numbers or none. */
const hear = (values: readonly Uint8Array[]): void => {
  const stage = pipeline.stage as Stage<FeatureState, AudioInput, FeatureOutput>;
  let state = stage.init('t/s');
  values.forEach((value, kafkaOffset) => {
    const input = pipeline.inputs[kafkaOffset % pipeline.inputs.length];
    if (input === undefined) return;
    const record = { topic: input.topic, partition: 0, kafkaOffset, key: 't/s', value, headers: {}, timestampMs: 0 };
    const decoded = decodeSafely(input, record);
    if (decoded.kind === 'dlq') {
      expect(decoded.cause).not.toBe('');
      return;
    }
    const { state: next, outcomes } = stage.step(state, [decoded.input]);
    state = next;
    for (const output of emitted(outcomes)) {
      const bytes = pipeline.route(output).value ?? new Uint8Array();
      if (output.kind === 'levels') expect(SoundLevels.decode(bytes).durationMs).toBeLessThanOrEqual(1000);
      else expect(LogMelFrame.decode(bytes).frameCount).toBeLessThanOrEqual(60);
    }
  });
};

describe('records of the audio topics', () => {
  it('bytes of any kind', async () => {
    const seeds = [
      frame(),
      frame({ body: { $case: 'gap', value: { reason: '' } } }),
      frame({ body: { $case: 'silent', value: { sinceUs: ANCHOR_US } } }),
    ];
    const bytes = mutated(seeds.map((one) => AudioFrame.encode(one).finish()));
    await fuzz({ runs: 300 }, fc.property(fc.array(bytes, { minLength: 1, maxLength: 8 }), hear));
  });

  it('fields of any value, in any order', async () => {
    const odd = fc.record({
      bootId: fc.constantFrom('b', 'c', ''),
      sequence: oddNumber(3),
      anchorTimeUs: oddNumber(ANCHOR_US),
      firstSampleIndex: oddNumber(3 * RATE_HZ),
      sampleRateHz: fc.constantFrom(RATE_HZ, RATE_HZ, RATE_HZ, 192_000, 0, 2 ** 31 - 1),
      sampleCount: oddNumber(RATE_HZ, 2 ** 32 - 1),
      body: fc.oneof(
        fc.constantFrom(pcm(), pcm(), pcm(PcmFormat.PCM_FORMAT_F32LE), undefined),
        fc.constant({ $case: 'gap' as const, value: { reason: '' } }),
        oddNumber(ANCHOR_US).map((sinceUs) => ({ $case: 'silent' as const, value: { sinceUs } })),
      ),
    });
    const encoded = odd.filter((one) => Object.values(one).every((value) => typeof value !== 'number' || value >= 0));
    const property = fc.property(fc.array(encoded, { minLength: 1, maxLength: 12 }), (list) =>
      hear(list.map((change) => AudioFrame.encode(frame(change as Partial<AudioFrame>)).finish())),
    );
    await fuzz({ runs: 300 }, property);
  });
});
