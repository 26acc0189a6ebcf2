import { describe, expect, it } from '@jest/globals';
import { PcmFormat, type SensorFrame } from '@earshot/contracts';
import { sensorFrame } from '../test-support/frames.js';
import { MAX_BODY_BYTES, validateFrame } from './validate.js';

const RECEIVED_US = Date.UTC(2026, 4, 1, 12) * 1000;
const HOUR_US = 3600 * 1e6;

const pcm = (format: PcmFormat, data: Buffer): NonNullable<SensorFrame['body']> => ({
  $case: 'pcm',
  value: { format, data },
});
const fault = (change: Partial<SensorFrame>): string | undefined => {
  const refusal = validateFrame(sensorFrame(change), RECEIVED_US);
  return refusal === null ? undefined : `${refusal.code}: ${refusal.message}`;
};

describe('validateFrame', () => {
  it('takes good frames', () => {
    expect(fault({})).toBeUndefined();
    expect(fault({ anchorTimeUs: 0 })).toBeUndefined();
    expect(fault({ bootId: 'A-z.0:9_' })).toBeUndefined();
    expect(
      fault({ sampleCount: 80_000_000, body: { $case: 'gap', value: { reason: 'buffer full' } } }),
    ).toBeUndefined();
    expect(fault({ body: pcm(PcmFormat.PCM_FORMAT_F32LE, Buffer.alloc(32_000)) })).toBeUndefined();
  });

  it.each<[string, Partial<SensorFrame>, RegExp]>([
    ['no boot id', { bootId: '' }, /boot id/],
    ['a boot id of 65', { bootId: 'b'.repeat(65) }, /1 to 64/],
    ['a boot id with a slash', { bootId: 'a/b' }, /boot id/],
    ['a negative sequence', { sequence: -1 }, /sequence is -1/],
    ['a negative sample index', { firstSampleIndex: -1 }, /first sample index/],
    ['a rate below 8 kHz', { sampleRateHz: 7999 }, /7999 Hz; 8000 to 192000/],
    ['a rate above 192 kHz', { sampleRateHz: 192_001 }, /192001/],
    ['less than 1 ms', { sampleCount: 7, body: pcm(PcmFormat.PCM_FORMAT_S16LE, Buffer.alloc(14)) }, /0\.001 to 4 s/],
    [
      'more than 4 s',
      { sampleCount: 32_001, body: pcm(PcmFormat.PCM_FORMAT_S16LE, Buffer.alloc(64_002)) },
      /0\.001 to 4 s/,
    ],
    ['a byte too few', { body: pcm(PcmFormat.PCM_FORMAT_S16LE, Buffer.alloc(15_999)) }, /15999 bytes.*16000/],
    [
      'no sample format',
      { body: pcm(PcmFormat.PCM_FORMAT_UNSPECIFIED, Buffer.alloc(16_000)) },
      /S16LE, S24LE and F32LE/,
    ],
    ['no body', { body: undefined }, /no body/],
    ['a time before 2000', { anchorTimeUs: 1_000_000 }, /anchor time is 1970/],
    ['a time more than 24 h ahead', { anchorTimeUs: RECEIVED_US + 25 * HOUR_US }, /anchor time 2026-05-02T13/],
    [
      'a FLAC body that is none',
      { body: { $case: 'flac', value: { data: Buffer.from('fLaX') } } },
      /unrecognised_format/,
    ],
  ])('refuses %s', (_name, change, message) => {
    expect(fault(change)).toMatch(/^bad_audio/);
    expect(fault(change)).toMatch(message);
  });

  it('refuses samples that are not finite', () => {
    for (const value of [NaN, Infinity]) {
      const data = Buffer.alloc(32_000);
      data.writeFloatLE(value, 400);
      expect(fault({ body: pcm(PcmFormat.PCM_FORMAT_F32LE, data) })).toMatch(/sample 100 is not a finite/);
    }
  });

  it('refuses a body over 1 MiB as oversize', () => {
    const data = Buffer.alloc(MAX_BODY_BYTES + 4);
    const change = { sampleRateHz: 192_000, sampleCount: data.length / 4, body: pcm(PcmFormat.PCM_FORMAT_F32LE, data) };
    expect(fault(change)).toMatch(/^oversize/);
  });
});
