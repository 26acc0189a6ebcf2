/** Little-endian PCM of one or more interleaved channels. */
export type PcmFormat = 's16le' | 's24le' | 's32le' | 'f32le';

export const pcmBytesPerSample: Readonly<Record<PcmFormat, number>> = { s16le: 2, s24le: 3, s32le: 4, f32le: 4 };

/** Which samples of interleaved PCM to take; default: all of one channel. */
export interface PcmChannel {
  readonly count: number;
  /** From 0. */
  readonly index: number;
}

const MONO: PcmChannel = { count: 1, index: 0 };

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** All of one channel, s16le, on a machine that orders bytes the same way. */
const fromInt16 = (bytes: Uint8Array, count: number): Float32Array => {
  const start = bytes.byteOffset;
  const ints =
    start % 2 === 0
      ? new Int16Array(bytes.buffer, start, count)
      : new Int16Array(bytes.slice(0, 2 * count).buffer, 0, count);
  const samples = new Float32Array(count);
  for (let i = 0; i < count; i++) samples[i] = (ints[i] as number) / 0x8000;
  return samples;
};

/**
 * Samples in [-1, 1): integers / 2^(bits - 1); floats as they are. Float32 holds s16 and s24 exactly; s32 is rounded to
 * 24 significant bits. Bytes after the last whole sample (of all channels) are left out.
 */
export const decodePcm = (format: PcmFormat, bytes: Uint8Array, channel: PcmChannel = MONO): Float32Array => {
  const width = pcmBytesPerSample[format];
  const stride = width * channel.count;
  const count = Math.floor(bytes.byteLength / stride);
  if (format === 's16le' && channel.count === 1 && isLittleEndian) return fromInt16(bytes, count);
  const samples = new Float32Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = width * channel.index;
  switch (format) {
    case 's16le':
      for (let i = 0; i < count; i++, at += stride) samples[i] = view.getInt16(at, true) / 0x8000;
      break;
    case 's24le':
      for (let i = 0; i < count; i++, at += stride) {
        samples[i] = ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 0x800000;
      }
      break;
    case 's32le':
      for (let i = 0; i < count; i++, at += stride) samples[i] = view.getInt32(at, true) / 0x80000000;
      break;
    case 'f32le':
      for (let i = 0; i < count; i++, at += stride) samples[i] = view.getFloat32(at, true);
      break;
  }
  return samples;
};

/** Index of the first sample that is NaN or infinite; -1 when all are finite. */
export const firstNonFinite = (samples: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += (samples[i] ?? 0) * 0;
  return sum === 0 ? -1 : samples.findIndex((sample) => !Number.isFinite(sample));
};
