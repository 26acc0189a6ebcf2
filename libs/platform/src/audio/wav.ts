import { AudioError, checkChannels, checkLength, checkRate, decodedAudio } from './audio.js';
import type { AudioLimits, DecodedAudio } from './audio.js';
import { bytesPerSample, decodePcm, encodePcm, type PcmSampleFormat } from './pcm.js';

/** WAV: RIFF with PCM or IEEE floating point samples, plain or WAVE_FORMAT_EXTENSIBLE. */

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_EXTENSIBLE = 0xfffe;
/** Bytes 2..15 of the KSDATAFORMAT_SUBTYPE ids whose bytes 0..1 are a format tag. */
const SUBTYPE_TAIL = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
/** Lengths from here on are what streaming writers put when they do not know it yet. */
const UNKNOWN_LENGTH = 0x7fff_f000;

const corrupt = (what: string): AudioError => new AudioError('corrupt', `WAV: ${what}`);

interface WavFormat {
  readonly sampleFormat: PcmSampleFormat;
  readonly sampleRateHz: number;
  readonly channels: number;
}

const PCM_FORMATS: Readonly<Record<number, PcmSampleFormat>> = { 1: 'u8', 2: 's16le', 3: 's24le', 4: 's32le' };
const FLOAT_FORMATS: Readonly<Record<number, PcmSampleFormat>> = { 4: 'f32le', 8: 'f64le' };

const readFormat = (chunk: DataView, limits: AudioLimits): WavFormat => {
  if (chunk.byteLength < 16) throw corrupt(`a fmt chunk of ${chunk.byteLength} bytes; 16 or more are needed`);
  let tag = chunk.getUint16(0, true);
  const channels = chunk.getUint16(2, true);
  const sampleRateHz = chunk.getUint32(4, true);
  const blockAlign = chunk.getUint16(12, true);
  if (tag === FORMAT_EXTENSIBLE) {
    if (chunk.byteLength < 40) throw corrupt(`an extensible fmt chunk of ${chunk.byteLength} bytes; 40 are needed`);
    if (SUBTYPE_TAIL.some((byte, i) => chunk.getUint8(26 + i) !== byte))
      throw new AudioError('unsupported', 'WAV: an unknown extensible sub-format; PCM and IEEE float are allowed');
    tag = chunk.getUint16(24, true);
  }
  if (tag !== FORMAT_PCM && tag !== FORMAT_FLOAT)
    throw new AudioError('unsupported', `WAV: format tag ${tag}; PCM (1) and IEEE float (3) are allowed`);
  checkChannels(channels, limits);
  checkRate(sampleRateHz);
  const size = blockAlign / channels;
  const sampleFormat = (tag === FORMAT_PCM ? PCM_FORMATS : FLOAT_FORMATS)[size];
  if (sampleFormat === undefined)
    throw new AudioError(
      'unsupported',
      `WAV: ${chunk.getUint16(14, true)} bits in ${size} bytes per sample; integers of 8, 16, 24 and 32 bits and floats of 32 and 64 bits are allowed`,
    );
  return { sampleFormat, sampleRateHz, channels };
};

interface DataChunk {
  readonly from: number;
  readonly claimed: number;
}

/** Finds the fmt and the data chunk; others are skipped. */
const findChunks = (view: DataView, limits: AudioLimits): { format: WavFormat; data: DataChunk } => {
  let format: WavFormat | undefined;
  for (let at = 12; at + 8 <= view.byteLength;) {
    const id = view.getUint32(at);
    const length = view.getUint32(at + 4, true);
    const body = at + 8;
    if (id === 0x666d_7420 && format === undefined) {
      if (body + length > view.byteLength) throw new AudioError('truncated', 'WAV: the data ends inside the fmt chunk');
      format = readFormat(new DataView(view.buffer, view.byteOffset + body, length), limits);
    } else if (id === 0x6461_7461) {
      if (format === undefined) throw corrupt('the data chunk comes before the fmt chunk');
      return { format, data: { from: body, claimed: length } };
    }
    at = body + length + (length & 1);
  }
  throw new AudioError(
    'truncated',
    `WAV: no ${format === undefined ? 'fmt' : 'data'} chunk in ${view.byteLength} bytes`,
  );
};

/** Decodes a WAV file. Throws `AudioError`. */
export const decodeWav = (bytes: Uint8Array, limits: AudioLimits): DecodedAudio => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { format, data } = findChunks(view, limits);
  const available = bytes.length - data.from;
  const unfinished = data.claimed === 0 && view.getUint32(4, true) === 0;
  const untilEnd = data.claimed >= UNKNOWN_LENGTH || unfinished || limits.truncated === 'keep';
  if (data.claimed > available && !untilEnd)
    throw new AudioError('truncated', `WAV: the data chunk says ${data.claimed} bytes, ${available} are there`);
  const length = unfinished ? available : Math.min(data.claimed, available);
  const stride = bytesPerSample(format.sampleFormat) * format.channels;
  checkLength(Math.floor(length / stride), format.sampleRateHz, format.channels, limits);
  const floatingPoint = format.sampleFormat === 'f32le' || format.sampleFormat === 'f64le';
  return decodedAudio({
    format: 'wav',
    sampleRateHz: format.sampleRateHz,
    channels: decodePcm(bytes.subarray(data.from, data.from + length), format.sampleFormat, format.channels),
    bitsPerSample: floatingPoint ? null : bytesPerSample(format.sampleFormat) * 8,
    floatingPoint,
  });
};

/** One channel as a PCM WAV file of 16 or 24 bits; samples beyond ±1 are clipped. */
export const encodeWav = (samples: Float32Array, sampleRateHz: number, bits: 16 | 24): Uint8Array => {
  const data = encodePcm(samples, bits === 16 ? 's16le' : 's24le');
  const bytesPerFrame = bits / 8;
  // Chunks have even lengths.
  const bytes = new Uint8Array(44 + data.length + (data.length % 2));
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string): void => {
    for (let i = 0; i < value.length; i++) view.setUint8(at + i, value.charCodeAt(i));
  };
  text(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, FORMAT_PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * bytesPerFrame, true);
  view.setUint16(32, bytesPerFrame, true);
  view.setUint16(34, bits, true);
  text(36, 'data');
  view.setUint32(40, data.length, true);
  bytes.set(data, 44);
  return bytes;
};

/** One channel as a 16-bit PCM WAV file; samples beyond ±1 are clipped. */
export const encodeWav16 = (samples: Float32Array, sampleRateHz: number): Uint8Array =>
  encodeWav(samples, sampleRateHz, 16);
