import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import { AudioError, checkChannels, checkLength, checkRate, decodedAudio } from './audio.js';
import type { AudioLimits, DecodedAudio } from './audio.js';
import { readOggFile, type OggFile } from './ogg-pages.js';
import { SampleBuffer } from './sample-buffer.js';

/** Ogg Vorbis and Ogg Opus. A decoder lives for one file; what it holds goes with it. */

/** Bytes given to a decoder at once: what comes out is counted after each, so that a small file can't grow without end. */
const STEP_BYTES = 64 * 1024;
const OPUS_RATE_HZ = 48_000;

interface OggCodec {
  readonly format: 'ogg-vorbis' | 'ogg-opus';
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Samples before the granule position's zero. */
  readonly preSkip: number;
  /** Factor that the stream asks players to apply. */
  readonly gain: number;
}

const startsWith = (bytes: Uint8Array, text: string): boolean =>
  String.fromCharCode(...bytes.subarray(0, text.length)) === text;

const identify = (packet: Uint8Array): OggCodec => {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  if (startsWith(packet, '\x01vorbis') && packet.length >= 30)
    return {
      format: 'ogg-vorbis',
      channels: view.getUint8(11),
      sampleRateHz: view.getUint32(12, true),
      preSkip: 0,
      gain: 1,
    };
  if (startsWith(packet, 'OpusHead') && packet.length >= 19)
    return {
      format: 'ogg-opus',
      channels: view.getUint8(9),
      sampleRateHz: OPUS_RATE_HZ,
      preSkip: view.getUint16(10, true),
      gain: 10 ** (view.getInt16(16, true) / 256 / 20),
    };
  throw new AudioError('unsupported', 'Ogg: neither Vorbis nor Opus');
};

/** The steps in which the file goes through the decoder: whole pages. */
const stepsOf = (bytes: Uint8Array, { pages }: OggFile): Uint8Array[] => {
  const steps: Uint8Array[] = [];
  let from = 0;
  for (const { to } of pages) {
    if (to - from < STEP_BYTES && to !== pages.at(-1)?.to) continue;
    steps.push(bytes.subarray(from, to));
    from = to;
  }
  return steps;
};

interface DecoderOutput {
  readonly channelData: Float32Array[];
  readonly errors: readonly { readonly message: string }[];
}

interface StreamDecoder {
  readonly ready: Promise<void>;
  decode(data: Uint8Array): DecoderOutput | Promise<DecoderOutput>;
  flush(): Promise<DecoderOutput>;
  free(): void;
}

const createDecoder = (format: OggCodec['format']): StreamDecoder =>
  format === 'ogg-vorbis' ? new OggVorbisDecoder() : new OggOpusDecoder();

/** Decodes an Ogg file. Throws `AudioError`. */
export const decodeOgg = async (bytes: Uint8Array, limits: AudioLimits): Promise<DecodedAudio> => {
  const file = readOggFile(bytes);
  const codec = identify(file.firstPacket);
  checkRate(codec.sampleRateHz);
  checkChannels(codec.channels, limits);
  if (file.truncated && limits.truncated === 'refuse')
    throw new AudioError('truncated', `Ogg: the data ends inside a page, after ${file.pages.length} whole ones`);
  const claimed = Math.max(0, (file.lastGranule ?? 0) - codec.preSkip);
  checkLength(claimed, codec.sampleRateHz, codec.channels, limits);
  const decoded = await decodeSteps(stepsOf(bytes, file), codec, limits);
  // The last packet holds more than the stream: its granule position says where the sound ends.
  const channels = file.ended && claimed > 0 ? decoded.map((samples) => samples.subarray(0, claimed)) : decoded;
  if (codec.gain !== 1)
    for (const samples of channels) samples.forEach((value, i) => (samples[i] = value * codec.gain));
  return decodedAudio({
    format: codec.format,
    sampleRateHz: codec.sampleRateHz,
    channels,
    bitsPerSample: null,
    floatingPoint: false,
  });
};

const decodeSteps = async (
  steps: readonly Uint8Array[],
  codec: OggCodec,
  limits: AudioLimits,
): Promise<Float32Array[]> => {
  const buffers = Array.from({ length: codec.channels }, () => new SampleBuffer());
  const take = ({ channelData, errors }: DecoderOutput): void => {
    const [error] = errors;
    if (error !== undefined) throw new AudioError('corrupt', `${codec.format}: ${error.message}`);
    if (channelData.length === 0) return;
    buffers.forEach((buffer, channel) => buffer.append(channelData[channel] ?? new Float32Array()));
    checkLength(buffers[0]?.length ?? 0, codec.sampleRateHz, codec.channels, limits);
  };
  const decoder = createDecoder(codec.format);
  try {
    await decoder.ready;
    for (const step of steps) take(await decoder.decode(step));
    take(await decoder.flush());
  } catch (error) {
    if (error instanceof AudioError) throw error;
    // The decoders throw plain errors, and WebAssembly traps, on streams that they can't follow.
    throw new AudioError('corrupt', `${codec.format}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    free(decoder);
  }
  return buffers.map((buffer) => buffer.take());
};

/** A decoder that failed inside WebAssembly may fail again here; its memory is the garbage collector's all the same. */
const free = (decoder: StreamDecoder): void => {
  try {
    decoder.free();
  } catch {
    // nothing is left to free
  }
};
