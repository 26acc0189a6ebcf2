import { setImmediate } from 'node:timers/promises';
import { AudioError, checkChannels, checkLength, checkRate, decodedAudio, defaultAudioLimits } from './audio.js';
import type { AudioLimits, DecodedAudio } from './audio.js';
import { BitReader } from './bit-reader.js';
import { crc16, crc8 } from './crc.js';
import { readSubframe } from './flac-subframe.js';
import { SampleBuffer } from './sample-buffer.js';

/**
 * FLAC (RFC 9639) of up to 24 bits. Synchronous: linear time in the bytes and the samples, no state between calls.
 * A stream is refused when a frame's check does not hold.
 */

/** STREAMINFO: what a stream says of itself. */
export interface FlacHeader {
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  /** Per channel; null when the encoder did not know. */
  readonly totalSamples: number | null;
  /** Where the first frame starts. */
  readonly framesOffset: number;
}

const MAGIC = 0x664c_6143;
const STREAMINFO_BYTES = 34;
const SIZES = [0, 8, 12, -1, 16, 20, 24, 32];
const corrupt = (what: string): AudioError => new AudioError('corrupt', `FLAC: ${what}`);
const truncated = (what: string): AudioError => new AudioError('truncated', `FLAC: ${what}`);

/** Reads the metadata blocks. Throws `AudioError`. */
export const readFlacHeader = (bytes: Uint8Array): FlacHeader => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 4 || view.getUint32(0) !== MAGIC)
    throw new AudioError('unrecognised_format', 'not a FLAC stream');
  let at = 4;
  let header: Omit<FlacHeader, 'framesOffset'> | undefined;
  for (let last = false; !last;) {
    if (at + 4 > view.byteLength) throw truncated('the data ends inside the metadata');
    const head = view.getUint32(at);
    last = head >>> 31 === 1;
    const type = (head >>> 24) & 0x7f;
    const length = head & 0xff_ffff;
    at += 4;
    if (at + length > view.byteLength) throw truncated('the data ends inside the metadata');
    if (header === undefined) {
      if (type !== 0 || length !== STREAMINFO_BYTES) throw corrupt('the stream does not start with its STREAMINFO');
      header = readStreamInfo(view, at);
    }
    at += length;
  }
  if (header === undefined) throw corrupt('no STREAMINFO');
  return { ...header, framesOffset: at };
};

const readStreamInfo = (view: DataView, at: number): Omit<FlacHeader, 'framesOffset'> => {
  const packed = view.getUint32(at + 10);
  const bitsPerSample = ((packed >>> 4) & 0x1f) + 1;
  const totalSamples = (packed & 0xf) * 2 ** 32 + view.getUint32(at + 14);
  return {
    sampleRateHz: packed >>> 12,
    channels: ((packed >>> 9) & 7) + 1,
    bitsPerSample,
    totalSamples: totalSamples === 0 ? null : totalSamples,
  };
};

interface FrameHeader {
  readonly blockSize: number;
  readonly assignment: number;
}

const readBlockSize = (code: number, reader: BitReader): number => {
  if (code === 0) throw corrupt('a reserved block size');
  if (code === 1) return 192;
  if (code <= 5) return 576 << (code - 2);
  if (code === 6) return reader.unsigned(8) + 1;
  if (code === 7) return reader.unsigned(16) + 1;
  return 256 << (code - 8);
};

/** Section 9.1. A stream that changes its rate, size or channels on the way is refused. */
const readFrameHeader = (reader: BitReader, bytes: Uint8Array, start: number, stream: FlacHeader): FrameHeader => {
  if (reader.unsigned(15) !== 0x7ffc) throw corrupt(`no frame at byte ${start}`);
  reader.unsigned(1);
  const blockSizeCode = reader.unsigned(4);
  const rateCode = reader.unsigned(4);
  const assignment = reader.unsigned(4);
  const size = SIZES[reader.unsigned(3)] ?? -1;
  reader.unsigned(1);
  const lead = reader.unsigned(8);
  const continuation = lead < 0x80 ? 0 : Math.clz32(~(lead << 24)) - 1;
  if (continuation === 0 ? lead >= 0x80 : continuation > 6) throw corrupt('a frame number that is not one');
  for (let i = 0; i < continuation; i++) reader.unsigned(8);
  const blockSize = readBlockSize(blockSizeCode, reader);
  if (rateCode === 12) reader.unsigned(8);
  else if (rateCode === 13 || rateCode === 14) reader.unsigned(16);
  else if (rateCode === 15) throw corrupt('a reserved sample rate');
  const end = reader.byteOffset;
  const check = reader.unsigned(8);
  if (reader.overrun) throw truncated('the data ends inside a frame');
  if (check !== crc8(bytes, start, end)) throw corrupt(`the frame header at byte ${start} fails its check`);
  if (size !== 0 && size !== stream.bitsPerSample) throw corrupt(`${size} bits in a stream of ${stream.bitsPerSample}`);
  const channels = assignment < 8 ? assignment + 1 : assignment <= 10 ? 2 : -1;
  if (channels !== stream.channels) throw corrupt(`a frame of ${channels} channels in a stream of ${stream.channels}`);
  return { blockSize, assignment };
};

/** Section 4.2: left/side, side/right, mid/side to left and right, in place. */
const decorrelate = (assignment: number, blockSize: number, a: Int32Array, b: Int32Array): void => {
  for (let i = 0; i < blockSize; i++) {
    const first = a[i] ?? 0;
    const second = b[i] ?? 0;
    if (assignment === 8) b[i] = first - second;
    else if (assignment === 9) a[i] = first + second;
    else {
      const mid = (first << 1) | (second & 1);
      a[i] = (mid + second) >> 1;
      b[i] = (mid - second) >> 1;
    }
  }
};

/** Channels of side samples have one bit more. */
const sideChannel = (assignment: number): number =>
  assignment === 9 ? 0 : assignment === 8 || assignment === 10 ? 1 : -1;

const readFrame = (
  reader: BitReader,
  bytes: Uint8Array,
  start: number,
  stream: FlacHeader,
  into: Int32Array[],
): number => {
  reader.seek(start);
  const { blockSize, assignment } = readFrameHeader(reader, bytes, start, stream);
  for (let channel = 0; channel < stream.channels; channel++) {
    if ((into[channel]?.length ?? 0) < blockSize) into[channel] = new Int32Array(blockSize);
    const bits = stream.bitsPerSample + (channel === sideChannel(assignment) ? 1 : 0);
    readSubframe(reader, into[channel] ?? new Int32Array(), blockSize, bits);
  }
  const end = reader.byteOffset;
  reader.seek(end);
  const check = reader.unsigned(16);
  if (reader.overrun) throw truncated('the data ends inside a frame');
  if (check !== crc16(bytes, start, end)) throw corrupt(`the frame at byte ${start} fails its check`);
  const [left, right] = into;
  if (assignment >= 8 && left !== undefined && right !== undefined) decorrelate(assignment, blockSize, left, right);
  return blockSize;
};

/** Decodes a FLAC stream, one frame per step. Throws `AudioError`. */
function* decoding(bytes: Uint8Array, limits: AudioLimits): Generator<undefined, DecodedAudio> {
  const stream = readFlacHeader(bytes);
  checkRate(stream.sampleRateHz);
  checkChannels(stream.channels, limits);
  if (stream.bitsPerSample > 24 || stream.bitsPerSample < 4)
    throw new AudioError('unsupported', `FLAC of ${stream.bitsPerSample} bits; 4 to 24 are allowed`);
  if (stream.totalSamples !== null) checkLength(stream.totalSamples, stream.sampleRateHz, stream.channels, limits);
  const padded = new Uint8Array(bytes.length + 8);
  padded.set(bytes);
  const reader = new BitReader(padded, bytes.length);
  const buffers = Array.from({ length: stream.channels }, () => new SampleBuffer());
  const block: Int32Array[] = [];
  const scale = 2 ** (1 - stream.bitsPerSample);
  let samples = 0;
  for (let at = stream.framesOffset; at < bytes.length; at = reader.byteOffset) {
    if (samples === stream.totalSamples) break; // what follows is not sound (tags)
    try {
      const blockSize = readFrame(reader, padded, at, stream, block);
      samples += blockSize;
      checkLength(samples, stream.sampleRateHz, stream.channels, limits);
      buffers.forEach((buffer, channel) => buffer.appendScaled(block[channel] ?? new Int32Array(), blockSize, scale));
      yield;
    } catch (error) {
      if (limits.truncated === 'keep' && error instanceof AudioError && error.code === 'truncated') break;
      throw error;
    }
  }
  if (stream.totalSamples !== null && samples > stream.totalSamples)
    throw corrupt(`${samples} samples where the header says ${stream.totalSamples}`);
  if (stream.totalSamples !== null && samples < stream.totalSamples && limits.truncated === 'refuse')
    throw truncated(`${samples} of ${stream.totalSamples} samples are there`);
  return decodedAudio({
    format: 'flac',
    sampleRateHz: stream.sampleRateHz,
    channels: buffers.map((buffer) => buffer.take()),
    bitsPerSample: stream.bitsPerSample,
    floatingPoint: false,
  });
}

/** Decodes a FLAC stream in one go. Throws `AudioError`. */
export const decodeFlac = (bytes: Uint8Array, limits: AudioLimits = defaultAudioLimits): DecodedAudio => {
  const steps = decoding(bytes, limits);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
};

/** The event loop is held no longer than this at a time. */
const TURN_MS = 10;

/** The same for long files: other work of the process goes on between frames. Throws `AudioError`. */
export const decodeFlacFile = async (bytes: Uint8Array, limits: AudioLimits): Promise<DecodedAudio> => {
  const steps = decoding(bytes, limits);
  for (;;) {
    const until = performance.now() + TURN_MS;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < until);
    await setImmediate();
  }
};

/**
 * Decodes the body of one AudioFrame: a complete FLAC stream of one channel and at most 4 s. Synchronous. Throws `AudioError`.
 * `channels[0]` holds the samples; compare their count and the rate with the frame's.
 */
export const decodeFlacFrame = (bytes: Uint8Array): DecodedAudio =>
  decodeFlac(bytes, { maxSeconds: 4, maxChannels: 1, maxBytes: 2 ** 20, truncated: 'refuse' });
