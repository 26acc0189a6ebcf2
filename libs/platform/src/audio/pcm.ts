import { AudioError, checkChannels, checkLength, checkRate, decodedAudio, defaultAudioLimits } from './audio.js';
import type { AudioLimits, DecodedAudio } from './audio.js';

/** Samples as little-endian bytes. u8 is offset binary, the others two's complement or IEEE 754. */
export type PcmSampleFormat = 'u8' | 's16le' | 's24le' | 's32le' | 'f32le' | 'f64le';

const SIZE: Record<PcmSampleFormat, number> = { u8: 1, s16le: 2, s24le: 3, s32le: 4, f32le: 4, f64le: 8 };

export const bytesPerSample = (format: PcmSampleFormat): number => SIZE[format];

const reader = (view: DataView, format: PcmSampleFormat): ((at: number) => number) => {
  switch (format) {
    case 'u8':
      return (at) => (view.getUint8(at) - 128) / 2 ** 7;
    case 's16le':
      return (at) => view.getInt16(at, true) / 2 ** 15;
    case 's24le':
      return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
    case 's32le':
      return (at) => view.getInt32(at, true) / 2 ** 31;
    case 'f32le':
      return (at) => view.getFloat32(at, true);
    case 'f64le':
      return (at) => view.getFloat64(at, true);
  }
};

/**
 * Interleaved PCM to one array per channel, full scale = ±1 (an integer divided by 2^(bits-1)). Bytes after the last
 * whole frame are left out. Throws `AudioError` `corrupt` when a sample is not a finite number.
 */
export const decodePcm = (bytes: Uint8Array, format: PcmSampleFormat, channelCount = 1): Float32Array[] => {
  const size = SIZE[format];
  const stride = size * channelCount;
  const length = Math.floor(bytes.length / stride);
  const read = reader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), format);
  const floating = format === 'f32le' || format === 'f64le';
  return Array.from({ length: channelCount }, (_, channel) => {
    const samples = new Float32Array(length);
    for (let i = 0, at = channel * size; i < length; i++, at += stride) samples[i] = read(at);
    if (floating) checkFinite(samples, channel);
    return samples;
  });
};

const checkFinite = (samples: Float32Array, channel: number): void => {
  const at = samples.findIndex((sample) => !Number.isFinite(sample));
  if (at >= 0)
    throw new AudioError(
      'bad_sample',
      `sample ${at} of channel ${channel} is ${samples[at] ?? NaN}; samples must be finite`,
    );
};

/** One channel to PCM bytes: rounded to the nearest integer, clipped at full scale. Undoes `decodePcm` exactly. */
export const encodePcm = (samples: Float32Array, format: 's16le' | 's24le' | 'f32le'): Uint8Array => {
  const bytes = new Uint8Array(samples.length * SIZE[format]);
  const view = new DataView(bytes.buffer);
  if (format === 'f32le') {
    samples.forEach((sample, i) => view.setFloat32(i * 4, sample, true));
  } else if (format === 's16le') {
    for (let i = 0; i < samples.length; i++) view.setInt16(i * 2, integer(samples[i] ?? 0, 2 ** 15), true);
  } else {
    for (let i = 0; i < samples.length; i++) {
      const value = integer(samples[i] ?? 0, 2 ** 23);
      view.setUint16(i * 3, value & 0xffff, true);
      view.setInt8(i * 3 + 2, value >> 16);
    }
  }
  return bytes;
};

const integer = (sample: number, fullScale: number): number =>
  Math.max(-fullScale, Math.min(fullScale - 1, Math.round(sample * fullScale)));

export interface RawOptions {
  readonly format: 's16le' | 's24le' | 's32le' | 'f32le';
  readonly sampleRateHz: number;
  /** Interleaved channels, 1 and up. */
  readonly channels: number;
  /** The one to take, from 0. */
  readonly channel: number;
}

const MAX_RAW_CHANNELS = 64;

/** Headerless PCM, one channel of it. Throws `AudioError`. */
export const decodeRaw = (
  bytes: Uint8Array,
  { format, sampleRateHz, channels, channel }: RawOptions,
  given: Partial<AudioLimits> = {},
): DecodedAudio => {
  const limits = { ...defaultAudioLimits, maxChannels: MAX_RAW_CHANNELS, ...given };
  checkRate(sampleRateHz);
  checkChannels(channels, limits);
  if (!Number.isInteger(channel) || channel < 0 || channel >= channels)
    throw new AudioError('unsupported', `channel ${channel} of ${channels}; 0 to ${channels - 1} are there`);
  if (bytes.length > limits.maxBytes)
    throw new AudioError('too_large', `${bytes.length} bytes; up to ${limits.maxBytes} are allowed`);
  if (bytes.length === 0) throw new AudioError('empty', 'no bytes');
  const stride = SIZE[format] * channels;
  if (bytes.length % stride !== 0 && limits.truncated === 'refuse')
    throw new AudioError(
      'truncated',
      `${bytes.length} bytes are not a multiple of ${stride} (${channels} × ${format}): another format or channel count?`,
    );
  checkLength(Math.floor(bytes.length / stride), sampleRateHz, 1, limits);
  const size = SIZE[format];
  const picked = channels === 1 ? bytes : pickChannel(bytes, size, stride, channel * size);
  return decodedAudio({
    format: 'raw',
    sampleRateHz,
    channels: decodePcm(picked, format),
    bitsPerSample: format === 'f32le' ? null : size * 8,
    floatingPoint: format === 'f32le',
  });
};

const pickChannel = (bytes: Uint8Array, size: number, stride: number, from: number): Uint8Array => {
  const count = Math.floor(bytes.length / stride);
  const picked = new Uint8Array(count * size);
  for (let i = 0; i < count; i++) {
    const at = i * stride + from;
    picked.set(bytes.subarray(at, at + size), i * size);
  }
  return picked;
};
