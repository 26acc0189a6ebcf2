import { Readable } from 'node:stream';

import { ApiError } from './errors.js';

/** Bodies that are not JSON reach handlers as streams. */
export const isStream = (body: unknown): body is Readable => body instanceof Readable;

/** @throws ApiError when the body is no stream, empty, or longer than allowed. */
export const readAll = async (body: unknown, mostBytes: number): Promise<Buffer> => {
  if (!isStream(body)) {
    throw new ApiError(
      'unsupported_media_type',
      'expected a WAV, FLAC or Ogg file with Content-Type audio/… or application/octet-stream',
    );
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > mostBytes) throw new ApiError('too_large', `the body is larger than ${mostBytes} bytes`);
    pieces.push(piece);
  }
  if (bytes === 0) throw new ApiError('bad_request', 'the body is empty: expected a WAV, FLAC or Ogg file');
  return Buffer.concat(pieces);
};
