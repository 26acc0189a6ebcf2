import { AudioError, defaultAudioLimits } from './audio.js';
import type { AudioLimits, DecodedAudio } from './audio.js';
import { decodeFlacFile } from './flac.js';
import { decodeOgg } from './ogg.js';
import { decodeWav } from './wav.js';

/** Starts of files: what can be decoded, and what people send by mistake. */
const ALLOWED = 'WAV, FLAC, Ogg Vorbis and Ogg Opus are allowed';
const textAt = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

const guess = (bytes: Uint8Array): string | undefined => {
  const start = textAt(bytes, 0, 4);
  if (start.startsWith('ID3') || (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe6) === 0xe2)) return 'MP3';
  if (textAt(bytes, 4, 8) === 'ftyp') return 'MP4 (AAC or ALAC)';
  if (start === 'FORM') return 'AIFF';
  if (start === 'RF64' || start === 'RIFX' || start === 'BW64') return start;
  return undefined;
};

/** By its first bytes; undefined: none of those that can be decoded. */
export const recogniseFormat = (bytes: Uint8Array): 'wav' | 'flac' | 'ogg' | undefined => {
  const start = textAt(bytes, 0, 4);
  if (start === 'RIFF' && textAt(bytes, 8, 12) === 'WAVE') return 'wav';
  if (start === 'fLaC') return 'flac';
  if (start === 'OggS') return 'ogg';
  return undefined;
};

/**
 * Decodes a whole file, recognised by its first bytes: WAV (PCM of 8, 16, 24, 32 bits, floats of 32, 64 bits, extensible),
 * FLAC up to 24 bits, Ogg Vorbis, Ogg Opus. Memory is bounded by `limits` and by what is there, never by what a header claims.
 * Rejects with `AudioError`, and with nothing else.
 */
export const decodeAudio = async (bytes: Uint8Array, given: Partial<AudioLimits> = {}): Promise<DecodedAudio> => {
  const limits = { ...defaultAudioLimits, ...given };
  if (bytes.length === 0) throw new AudioError('empty', 'no bytes');
  if (bytes.length > limits.maxBytes)
    throw new AudioError('too_large', `${bytes.length} bytes; up to ${limits.maxBytes} are allowed`);
  switch (recogniseFormat(bytes)) {
    case 'wav':
      return decodeWav(bytes, limits);
    case 'flac':
      return await decodeFlacFile(bytes, limits);
    case 'ogg':
      return decodeOgg(bytes, limits);
    case undefined: {
      const seen = guess(bytes);
      throw new AudioError(
        'unrecognised_format',
        `${seen === undefined ? 'not a known audio format' : `this is ${seen}`}; ${ALLOWED}`,
      );
    }
  }
};
