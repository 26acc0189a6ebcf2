import type { IncomingMessage } from 'node:http';

/** The whole body, or undefined when it is larger than `maxBytes`; then the rest is not read. */
export const readBody = async (request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> => {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
};
