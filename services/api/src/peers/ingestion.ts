import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';

import { errorBody } from '../http/errors.js';

/** Headers that belong to one connection (RFC 9110, 7.6.1), and the name of the server that was asked. */
const notPassedOn = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'expect',
]);

const passedOn = (headers: NodeJS.Dict<string | string[]>): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] => entry[1] !== undefined && !notPassedOn.has(entry[0]),
    ),
  );

/**
 * Streams a request through to ingestion and its answer back, byte by byte, never holding the body. Who may send is
 * ingestion's decision. Resolves when the answer is out.
 */
export const passToIngestion = (
  base: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> =>
  new Promise((resolve) => {
    const target = new URL(path, base);
    const client = target.protocol === 'https:' ? https : http;
    const upstream = client.request(target, { method: 'POST', headers: passedOn(request.headers) });
    let answered = false;
    const fail = (): void => {
      if (answered) return;
      answered = true;
      if (response.headersSent || response.destroyed) response.destroy();
      else {
        response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '2', connection: 'close' });
        response.end(
          JSON.stringify(
            errorBody('unavailable', 'Ingestion does not answer: nothing is known to be taken, send it again'),
          ),
        );
      }
      resolve();
    };
    upstream.on('error', fail);
    upstream.on('response', (answer) => {
      answered = true;
      const early = request.readableEnded ? {} : { connection: 'close' };
      response.writeHead(answer.statusCode ?? 502, { ...passedOn(answer.headers), ...early });
      answer.pipe(response);
      answer.on('error', () => response.destroy());
      response.on('close', resolve);
    });
    response.on('close', () => {
      if (!response.writableFinished) upstream.destroy();
    });
    request.pipe(upstream);
  });
