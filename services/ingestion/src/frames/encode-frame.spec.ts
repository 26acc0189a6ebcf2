import { describe, expect, it } from '@jest/globals';
import { AudioFrame, ClockQuality, PcmFormat } from '@earshot/contracts';
import fc from 'fast-check';
import { encodeAudioFrame } from './encode-frame.js';

const frame = (body: AudioFrame['body'], sequence = 7): AudioFrame => ({
  ...{ tenantId: 'acme', sensorId: 's-1', bootId: 'b', sequence, anchorTimeUs: 1.7e15, firstSampleIndex: 16_000 },
  ...{ sampleRateHz: 16_000, sampleCount: 16_000, clockQuality: ClockQuality.CLOCK_QUALITY_SYNCHRONISED },
  ...{ receivedTimeUs: 1.7e15 + 1, body },
});

const sizes = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 16_000, max: 70_000 }));
const formats = fc.constantFrom(
  PcmFormat.PCM_FORMAT_S16LE,
  PcmFormat.PCM_FORMAT_F32LE,
  PcmFormat.PCM_FORMAT_UNSPECIFIED,
);

describe('encodeAudioFrame', () => {
  it('gives the bytes that the generated code gives', () => {
    fc.assert(
      fc.property(sizes, formats, fc.boolean(), fc.nat(), (size, format, isPcm, sequence) => {
        const data = Buffer.alloc(size, size % 251);
        const body: AudioFrame['body'] = isPcm
          ? { $case: 'pcm', value: { format, data } }
          : { $case: 'flac', value: { data } };
        const one = frame(body, sequence);
        expect(Buffer.from(encodeAudioFrame(one)).equals(AudioFrame.encode(one).finish())).toBe(true);
      }),
    );
  });

  it.each<AudioFrame['body']>([
    undefined,
    { $case: 'gap', value: { reason: 'buffer full' } },
    { $case: 'silent', value: { sinceUs: 5 } },
  ])('leaves a frame without samples to it', (body) => {
    expect(encodeAudioFrame(frame(body))).toEqual(AudioFrame.encode(frame(body)).finish());
  });
});
