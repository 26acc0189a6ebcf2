import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import fastifyStatic from '@fastify/static';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const YEAR_S = 31_536_000;

/** Nothing but what this origin serves; no inline scripts or styles, no frames. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const securityHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** The console's built files, and its first page for every path that is not a file. */
@Injectable()
export class Console {
  constructor(private readonly directory: string | undefined) {}

  async mount(fastify: FastifyInstance): Promise<void> {
    if (this.directory === undefined || !existsSync(this.directory)) return;
    await fastify.register(fastifyStatic, {
      root: path.resolve(this.directory),
      prefix: '/',
      index: 'index.html',
      cacheControl: false,
      setHeaders: (response, file) => {
        const hashed = file.includes(`${path.sep}assets${path.sep}`);
        void response.header('cache-control', hashed ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
      },
    });
  }

  /** Answers a page request that found no file with the console; false when it is none, or there is no console. */
  answer(request: FastifyRequest, reply: FastifyReply): boolean {
    const { pathname } = new URL(request.url, 'http://localhost');
    const isPage = request.method === 'GET' && !/^\/v1(\/|$)/.test(pathname) && path.extname(pathname) === '';
    if (!isPage || this.directory === undefined) return false;
    const index = path.join(this.directory, 'index.html');
    if (!existsSync(index)) return false;
    void reply.status(200).headers({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
    void reply.send(readFileSync(index));
    return true;
  }
}
