import { describe, expect, it } from '@jest/globals';
import { AudioError } from './audio.js';
import { decodeRaw, type RawOptions } from './pcm.js';

const stereo: RawOptions = { format: 's16le', sampleRateHz: 8000, channels: 2, channel: 1 };
const bytes = Uint8Array.from([0, 0, 0, 0x40, 0, 0, 0, 0xc0]);

const codeOf = (data: Uint8Array, options: RawOptions): string => {
  try {
    decodeRaw(data, options);
    return 'decoded';
  } catch (error) {
    return error instanceof AudioError ? error.code : String(error);
  }
};

describe('raw PCM', () => {
  it('takes one channel out of several', () => {
    expect(decodeRaw(bytes, stereo)).toMatchObject({ format: 'raw', sampleRateHz: 8000, durationS: 2 / 8000 });
    expect([...(decodeRaw(bytes, stereo).channels[0] ?? [])]).toEqual([0.5, -0.5]);
    expect([...(decodeRaw(bytes, { ...stereo, channel: 0 }).channels[0] ?? [])]).toEqual([0, 0]);
  });

  it('says what does not fit', () => {
    expect(codeOf(bytes.subarray(0, 7), stereo)).toBe('truncated');
    expect(codeOf(bytes, { ...stereo, channel: 2 })).toBe('unsupported');
    expect(codeOf(bytes, { ...stereo, channel: 0.5 })).toBe('unsupported');
    expect(codeOf(bytes, { ...stereo, sampleRateHz: 500 })).toBe('bad_rate');
    expect(codeOf(new Uint8Array(), stereo)).toBe('empty');
  });
});
