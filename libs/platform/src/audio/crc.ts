const tableOf = (width: 8 | 16 | 32, polynomial: number): Int32Array => {
  const top = width === 32 ? 0x8000_0000 : 1 << (width - 1);
  const mask = width === 32 ? -1 : (1 << width) - 1;
  return Int32Array.from({ length: 256 }, (_, index) => {
    let value = index << (width - 8);
    for (let bit = 0; bit < 8; bit++) value = (value & top) !== 0 ? (value << 1) ^ polynomial : value << 1;
    return value & mask;
  });
};

const crc8Table = tableOf(8, 0x07);
const crc16Table = tableOf(16, 0x8005);
const crc32Table = tableOf(32, 0x04c1_1db7);

/** FLAC frame header check: polynomial x^8 + x^2 + x + 1, from 0. */
export const crc8 = (bytes: Uint8Array, from: number, to: number): number => {
  let crc = 0;
  for (let at = from; at < to; at++) crc = crc8Table[crc ^ (bytes[at] ?? 0)] ?? 0;
  return crc;
};

/** FLAC frame check: polynomial x^16 + x^15 + x^2 + 1, from 0. */
export const crc16 = (bytes: Uint8Array, from: number, to: number): number => {
  let crc = 0;
  for (let at = from; at < to; at++) crc = ((crc << 8) & 0xffff) ^ (crc16Table[(crc >>> 8) ^ (bytes[at] ?? 0)] ?? 0);
  return crc;
};

/** Ogg page check (RFC 3533): polynomial 0x04c11db7, not reflected, from 0; bytes 22..25 of the page count as 0. */
export const oggCrc = (bytes: Uint8Array, from: number, to: number): number => {
  let crc = 0;
  for (let at = from; at < to; at++) {
    const byte = at >= from + 22 && at < from + 26 ? 0 : (bytes[at] ?? 0);
    crc = (crc << 8) ^ (crc32Table[(crc >>> 24) ^ byte] ?? 0);
  }
  return crc >>> 0;
};
