import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
  UseGuards,
  type ExecutionContext,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { EndpointGuard } from './endpoint-guard.js';
import { ENDPOINT, type Endpoint, type WithInput } from './endpoint.js';

/** Mounts a controller's method as that endpoint. */
export const Serves = (endpoint: Endpoint): MethodDecorator =>
  applyDecorators(
    RequestMapping({ path: endpoint.path, method: RequestMethod[endpoint.method] }),
    HttpCode(endpoint.status),
    SetMetadata(ENDPOINT, endpoint),
    UseGuards(EndpointGuard),
  );

/** The validated request: `InputOf<typeof endpoints.x>`. */
export const Input = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<FastifyRequest & WithInput>().earshotInput,
);
