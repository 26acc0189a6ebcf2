import type { OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

import { securityHeaders, type Console } from '../console/console.js';

/** What Fastify must know beyond routes: bodies that are not JSON stay streams, every answer has the security headers, the console. */
export class ContentTypes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly pages: Console,
  ) {}

  async onModuleInit(): Promise<void> {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    // `curl --data-binary` says "form" of everything; here forms mean nothing.
    fastify.removeContentTypeParser('application/x-www-form-urlencoded');
    fastify.addContentTypeParser('*', (_request, payload, done) => {
      done(null, payload);
    });
    fastify.addHook('onRequest', (_request, reply, done) => {
      void reply.headers(securityHeaders);
      done();
    });
    fastify.addHook('onSend', (request, reply, payload, done) => {
      if (request.url.startsWith('/v1') && !reply.hasHeader('cache-control'))
        void reply.header('cache-control', 'no-store');
      // What was not read of the body can't stand before the next request.
      if (!request.raw.complete) void reply.header('connection', 'close');
      done(null, payload);
    });
    await this.pages.mount(fastify);
  }
}
