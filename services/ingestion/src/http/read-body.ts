import type { IncomingMessage } from 'node:http';

/** The whole body, or undefined when it is larger than `maxBytes`; then the rest is not read. */
export const readBody = async (request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> => {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  // Returning early must leave the stream as it is: the rest is still to be thrown away.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
};

const DISCARD_MS = 20_000;

/**
 * Reads what is left of a refused body and throws it away, at most `maxBytes` and 20 s of it: who is still sending when the
 * connection ends never sees the answer (a proxy neither).
 */
export const discardRest = async (request: IncomingMessage, maxBytes: number): Promise<void> => {
  if (request.complete || request.destroyed) return;
  await new Promise<void>((resolve) => {
    let left = maxBytes;
    const timer = setTimeout(resolve, DISCARD_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) done();
    });
    for (const event of ['end', 'error', 'close'] as const) request.once(event, done);
    request.resume();
  });
};
