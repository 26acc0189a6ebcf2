import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createPacketGuard } from './packet-guard.js';

const LIMIT = 1000;

const packet = (length: number): Buffer => {
  const head = [0x32];
  let left = length;
  do {
    head.push((left % 128) | (left >= 128 ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length, 0xff)]);
};

const cut = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
};

const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
const lengths = fc.array(fc.integer({ min: 0, max: LIMIT }), { minLength: 1, maxLength: 10 });

describe('packet guard', () => {
  it('lets packets up to the limit through, however they are cut', () => {
    fc.assert(
      fc.property(lengths, sizes, (packets, cuts) => {
        const isAllowed = createPacketGuard(LIMIT);
        expect(cut(Buffer.concat(packets.map(packet)), cuts).every((piece) => isAllowed(piece))).toBe(true);
      }),
    );
  });

  it('tells of a larger packet before its content is there', () => {
    fc.assert(
      fc.property(lengths, sizes, fc.integer({ min: LIMIT + 1, max: 200_000_000 }), (packets, cuts, tooLong) => {
        const isAllowed = createPacketGuard(LIMIT);
        const before = Buffer.concat(packets.map(packet));
        for (const piece of cut(before, cuts)) expect(isAllowed(piece)).toBe(true);
        const head = [
          0x32,
          (tooLong & 0x7f) | 0x80,
          ((tooLong >> 7) & 0x7f) | 0x80,
          ((tooLong >> 14) & 0x7f) | 0x80,
          tooLong >> 21,
        ];
        expect(head.map((byte) => isAllowed(Uint8Array.of(byte))).every(Boolean)).toBe(false);
      }),
    );
  });
});
