import { crc16, crc8 } from '@earshot/platform/audio';

/** Sound that nobody should send. */

const MAX_BLOCK = 65_535;
const RATE_HZ = 16_000;

const utf8Number = (value: number): readonly number[] => {
  if (value < 0x80) return [value];
  if (value < 0x800) return [0xc0 | (value >> 6), 0x80 | (value & 0x3f)];
  return [0xe0 | (value >> 12), 0x80 | ((value >> 6) & 0x3f), 0x80 | (value & 0x3f)];
};

/** A frame of `MAX_BLOCK` equal samples: 13 bytes or so. */
const constantFrame = (number: number): Uint8Array => {
  // Fixed block size told in 16 bits, rate and depth from the header, one channel.
  const head = [0xff, 0xf8, 0x70, 0x00, ...utf8Number(number), (MAX_BLOCK - 1) >> 8, (MAX_BLOCK - 1) & 0xff];
  const checked = Uint8Array.from([...head, 0]);
  checked[head.length] = crc8(checked, 0, head.length);
  // Constant subframe, 16 bits.
  const body = Uint8Array.from([...checked, 0x00, 0x01, 0x00]);
  const crc = crc16(body, 0, body.length);
  return Uint8Array.from([...body, crc >> 8, crc & 0xff]);
};

/** FLAC of constant frames, 4 s each in 16 bytes: whatever it takes to run out of memory. */
export const flacBomb = (frames: number): Buffer => {
  const info = Buffer.alloc(34);
  info.writeUInt16BE(MAX_BLOCK, 0);
  info.writeUInt16BE(MAX_BLOCK, 2);
  // 20 bits rate, 3 bits channels - 1, 5 bits depth - 1, 36 bits samples (0: not known).
  info.writeUInt32BE(RATE_HZ * 4096 + (15 << 4), 10);
  return Buffer.concat([
    Buffer.from('fLaC'),
    Buffer.from([0x80, 0, 0, info.length]),
    info,
    ...Array.from({ length: frames }, (_, number) => constantFrame(number)),
  ]);
};

interface WavHeader {
  readonly rateHz?: number;
  /** What the header claims, bytes. */
  readonly claimed?: number;
  /** 1: integers of 16 bits, 3: floats of 32. */
  readonly tag?: 1 | 3;
}

export const wavOf = (
  data: Uint8Array,
  { rateHz = RATE_HZ, claimed = data.length, tag = 1 }: WavHeader = {},
): Buffer => {
  const head = Buffer.alloc(44);
  const bytes = tag === 1 ? 2 : 4;
  head.write('RIFF', 0);
  head.writeUInt32LE(Math.min(0xffff_ffff, 36 + claimed), 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(tag, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rateHz, 24);
  head.writeUInt32LE((rateHz * bytes) % 2 ** 32, 28);
  head.writeUInt16LE(bytes, 32);
  head.writeUInt16LE(8 * bytes, 34);
  head.write('data', 36);
  head.writeUInt32LE(claimed, 40);
  return Buffer.concat([head, data]);
};

export const nanFloats = (count: number): Buffer => {
  const data = Buffer.alloc(count * 4);
  data.writeFloatLE(NaN, 4 * Math.floor(count / 2));
  return data;
};
