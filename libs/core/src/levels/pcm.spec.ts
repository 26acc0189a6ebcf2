import { describe, expect, it } from '@jest/globals';
import { decodePcm, firstNonFinite } from './pcm.js';

describe('PCM', () => {
  it('reads the ends of every integer format', () => {
    expect([...decodePcm('s16le', Uint8Array.of(0x00, 0x80, 0xff, 0x7f, 0x00, 0x00, 0xff, 0xff))]).toEqual([
      -1,
      32_767 / 32_768,
      0,
      -1 / 32_768,
    ]);
    expect([...decodePcm('s24le', Uint8Array.of(0, 0, 0x80, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff))]).toEqual([
      -1,
      8_388_607 / 8_388_608,
      -1 / 8_388_608,
    ]);
    expect([...decodePcm('s32le', Uint8Array.of(0, 0, 0, 0x80, 0, 0, 0, 0x40))]).toEqual([-1, 0.5]);
  });

  it('reads 16-bit samples from even and odd places, and leaves half a sample out', () => {
    const bytes = Uint8Array.of(9, 0x00, 0x40, 0x00, 0xc0, 0x01);
    expect([...decodePcm('s16le', bytes.subarray(1))]).toEqual([0.5, -0.5]);
    expect([...decodePcm('s16le', Uint8Array.of(9, 9, 0x00, 0x40, 0x01).subarray(2))]).toEqual([0.5]);
  });

  it('reads floats from unaligned bytes', () => {
    const bytes = new Uint8Array(9);
    new DataView(bytes.buffer).setFloat32(1, 0.75, true);
    new DataView(bytes.buffer).setFloat32(5, -0.125, true);
    expect([...decodePcm('f32le', bytes.subarray(1))]).toEqual([0.75, -0.125]);
  });

  it('takes one channel and leaves a cut frame out', () => {
    const bytes = Uint8Array.of(0, 0x10, 0, 0x20, 0, 0x30, 0, 0x40, 0, 0x50);
    expect([...decodePcm('s16le', bytes, { count: 2, index: 1 })]).toEqual([0.25, 0.5]);
  });

  it('finds what is not a number', () => {
    expect(firstNonFinite(Float32Array.of(0, 1, -1))).toBe(-1);
    expect(firstNonFinite(Float32Array.of(0, NaN, 1))).toBe(1);
    expect(firstNonFinite(Float32Array.of(0, 1, -Infinity))).toBe(2);
  });
});
