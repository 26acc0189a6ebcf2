import { readFile, stat } from 'node:fs/promises';
import { AudioError, decodeAudio, decodeRaw } from '@earshot/platform/audio';
import { callersPath, type AnalyzeOptions } from './options.js';

/** A file that can't be analysed; told per file, the others go on. */
export class FileError extends Error {
  override readonly name = 'FileError';

  constructor(
    /** Closed set: those of AudioError and not_found, is_directory, not_readable, no_such_channel. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface Signal {
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
  readonly durationS: number;
}

const MAX_SECONDS = 2 * 3600;
const MAX_BYTES = 1024 ** 3;

/** One channel of a recording. Rejects with FileError. */
export const readAudio = async (file: string, { raw, channel }: AnalyzeOptions): Promise<Signal> => {
  const bytes = await readBytes(callersPath(file));
  try {
    const limits = { maxSeconds: MAX_SECONDS, maxBytes: MAX_BYTES };
    const audio = raw === undefined ? await decodeAudio(bytes, limits) : decodeRaw(bytes, { ...raw, channel }, limits);
    const samples = audio.channels[raw === undefined ? channel : 0];
    if (samples === undefined)
      throw new FileError('no_such_channel', `--channel ${channel}: the file has ${audio.channels.length}, from 0`);
    return { samples, sampleRateHz: audio.sampleRateHz, durationS: audio.durationS };
  } catch (error) {
    throw error instanceof AudioError ? new FileError(error.code, error.message, { cause: error }) : error;
  }
};

const readBytes = async (path: string): Promise<Uint8Array> => {
  try {
    const found = await stat(path);
    if (found.isDirectory())
      throw new FileError('is_directory', 'This is a directory: name the files in it, e.g. DIR/*.wav');
    if (found.size > MAX_BYTES) throw new FileError('too_large', `${found.size} bytes; up to ${MAX_BYTES} are allowed`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof FileError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new FileError('not_found', 'No such file', { cause: error });
    throw new FileError('not_readable', `The file can't be read (${code})`, { cause: error });
  }
};
