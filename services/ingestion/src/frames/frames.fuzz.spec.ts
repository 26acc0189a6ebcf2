import { AudioFrame, ClockQuality, PcmFormat, SensorFrame } from '@earshot/contracts';
import { describe, expect, it, jest } from '@jest/globals';
import { fuzz, mutated, oddNumber } from '@earshot/testing/fuzz';
import fc from 'fast-check';
import { encodeFrame, sensorFrame } from '../test-support/frames.js';
import { AnchorCache } from './anchors.js';
import { toAudioFrame } from './audio-frame.js';
import { validateFrame } from './validate.js';

jest.setTimeout(3_600_000);

const SENSOR = { tenantId: 't', sensorId: 's' };
const RECEIVED_US = Date.UTC(2026, 5, 1) * 1000;
const anchors = new AnchorCache(100);

/** Refused with words, or a record that can be written and read. */
const isHandled = (frame: SensorFrame): void => {
  const refusal = validateFrame(frame, RECEIVED_US);
  if (refusal !== null) {
    expect(refusal.message.length).toBeGreaterThan(10);
    expect(refusal.message.length).toBeLessThan(1_000);
    return;
  }
  const encoded = AudioFrame.encode(toAudioFrame(SENSOR, frame, RECEIVED_US, anchors)).finish();
  const again = AudioFrame.decode(encoded);
  expect([again.sequence, again.sampleCount]).toEqual([frame.sequence, frame.sampleCount]);
};

describe('frames at the doors', () => {
  it('bytes of any kind', async () => {
    const seeds = [
      encodeFrame(sensorFrame()),
      encodeFrame(sensorFrame({ body: { $case: 'gap', value: { reason: '' } } })),
    ];
    const property = fc.property(mutated(seeds), (bytes) => {
      let frame: SensorFrame;
      try {
        frame = SensorFrame.decode(bytes);
      } catch {
        return; // undecodable, and said so
      }
      isHandled(frame);
    });
    await fuzz({ runs: 3_000 }, property);
  });

  it('fields of any value', async () => {
    const good = sensorFrame();
    const property = fc.property(
      fc.record({
        bootId: fc.oneof(fc.constant('boot'), fc.string({ unit: 'binary', maxLength: 80 })),
        sequence: oddNumber(7),
        anchorTimeUs: oddNumber(RECEIVED_US - 1e6),
        firstSampleIndex: oddNumber(56_000),
        sampleRateHz: oddNumber(8_000),
        sampleCount: oddNumber(8_000),
        clockQuality: fc.constantFrom(...Object.values(ClockQuality)),
        format: fc.constantFrom(PcmFormat.PCM_FORMAT_S16LE, PcmFormat.PCM_FORMAT_F32LE, PcmFormat.UNRECOGNIZED),
      }),
      ({ format, ...fields }) => {
        const data = good.body?.$case === 'pcm' ? good.body.value.data : Buffer.alloc(0);
        isHandled({ ...good, ...fields, body: { $case: 'pcm', value: { format, data } } });
      },
    );
    await fuzz({ runs: 3_000 }, property);
  });
});
