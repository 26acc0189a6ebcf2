import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Logger } from '@earshot/platform/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { Console } from '../console/console.js';
import { LOGGER } from '../tokens.js';
import { ApiError, errorBody } from './errors.js';
import { toApiError } from './to-api-error.js';

/** Every failure in one shape; unknown pages become the console. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Console) private readonly pages: Console,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    const known = toApiError(error);
    if (known?.code === 'not_found' && this.pages.answer(request, reply)) return;
    if (known === undefined)
      this.logger.error({ err: error, method: request.method, route: request.routeOptions.url }, 'request failed');
    const failure = known ?? new ApiError('internal', 'Something went wrong inside; it was logged');
    if (failure.retryAfterS !== undefined) void reply.header('retry-after', failure.retryAfterS);
    if (failure.code === 'unauthorized') void reply.header('www-authenticate', 'Bearer realm="earshot"');
    void reply.header('cache-control', 'no-store');
    void reply.status(failure.status).send(errorBody(failure.code, failure.message));
  }
}
