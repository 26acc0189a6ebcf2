import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable, Transform, Writable } from 'node:stream';
import zlib from 'node:zlib';

import { codes, exception } from './exception.js';

const decompressors: Readonly<Record<string, () => Transform>> = {
  gzip: () => zlib.createGunzip(),
  deflate: () => zlib.createInflate(),
  br: () => zlib.createBrotliDecompress(),
  zstd: () => zlib.createZstdDecompress(),
};

const compressors: Readonly<Record<string, () => Transform>> = {
  gzip: () => zlib.createGzip({ level: 3 }),
  deflate: () => zlib.createDeflate({ level: 3 }),
  br: () => zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 3 } }),
  zstd: () => zlib.createZstdCompress(),
};

/** Bytes of request bodies held by all requests together. */
export class BodyBudget {
  #held = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  hold(bytes: number): void {
    if (this.#held + bytes > this.#limit) {
      const text = `${this.#held} bytes of request bodies are held already, the limit is ${this.#limit}; try again later.`;
      throw exception(codes.tooManySimultaneousQueries, 'TOO_MANY_SIMULTANEOUS_QUERIES', text);
    }
    this.#held += bytes;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}

export interface Body {
  bytes: Buffer;
  /** Gives the bytes back to the budget; call once when they are no longer held. */
  release: () => void;
}

/**
 * Reads a request body, decompressed as its Content-Encoding says.
 *
 * @throws ClickHouseException 307 (HTTP 413) when it is larger than `limit`, 48 for an unknown encoding.
 */
export const readBody = async (request: IncomingMessage, limit: number, budget: BodyBudget): Promise<Body> => {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  let source: Readable = request;
  if (encoding !== 'identity' && encoding !== '') {
    const create = decompressors[encoding];
    if (create === undefined) {
      const text = `Content-Encoding ${encoding} is not known: use ${Object.keys(decompressors).join(', ')}.`;
      throw exception(codes.notImplemented, 'NOT_IMPLEMENTED', text);
    }
    const transform = create();
    request.on('error', (error) => transform.destroy(error));
    request.on('aborted', () => transform.destroy(new Error('the client went away')));
    source = request.pipe(transform);
  }
  const chunks: Buffer[] = [];
  let held = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      budget.hold(chunk.length);
      held += chunk.length;
      if (held > limit) {
        const text = `The request body is larger than ${limit} bytes (EARSHOT_CLICKHOUSE_MAX_BODY_MIB).`;
        throw exception(codes.tooLargeBody, 'TOO_MANY_BYTES', text);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    budget.release(held);
    throw error;
  }
  return {
    bytes: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks),
    release: () => {
      budget.release(held);
    },
  };
};

/** Fields of a multipart/form-data body, or undefined when the body is something else. */
export const readFields = async (
  contentType: string | undefined,
  bytes: Buffer,
): Promise<ReadonlyMap<string, string> | undefined> => {
  if (contentType?.toLowerCase().startsWith('multipart/form-data') !== true) return undefined;
  // Deprecated for untrusted uploads; this server is on loopback, and bodies are bounded.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData();
  const fields = new Map<string, string>();
  for (const [name, value] of form.entries()) {
    if (typeof value !== 'string') {
      throw exception(codes.notImplemented, 'NOT_IMPLEMENTED', `External table ${name}: files are not taken.`);
    }
    fields.set(name, value);
  }
  return fields;
};

/** The first coding of Accept-Encoding this server can produce; undefined when the client did not ask for one. */
export const responseEncoding = (acceptEncoding: string | undefined, enabled: boolean): string | undefined => {
  if (!enabled || acceptEncoding === undefined) return undefined;
  return acceptEncoding
    .split(',')
    .map((part) => part.split(';')[0]?.trim().toLowerCase() ?? '')
    .find((name) => name in compressors);
};

const sliceBytes = 256 * 1024;

/** Writes a complete body in slices, waiting for the client between them. Resolves early when the client leaves. */
export const writeBody = async (
  response: ServerResponse,
  bytes: Uint8Array,
  encoding: string | undefined,
): Promise<void> => {
  const create = encoding === undefined ? undefined : compressors[encoding];
  const compressor = create?.();
  compressor?.pipe(response);
  const target: Writable = compressor ?? response;
  for (let start = 0; start < bytes.length && !response.destroyed; start += sliceBytes) {
    if (target.write(bytes.subarray(start, start + sliceBytes))) continue;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        target.removeListener('drain', done);
        response.removeListener('close', done);
        resolve();
      };
      target.once('drain', done);
      response.once('close', done);
    });
  }
  target.end();
};
