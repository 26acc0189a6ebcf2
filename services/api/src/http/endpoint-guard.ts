import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';

import type { ApiKey, ApiKeys } from '../auth/api-keys.js';
import { RateLimit } from '../auth/rate-limit.js';
import { API_KEYS } from '../tokens.js';
import { isStream } from './body.js';
import { ENDPOINT, type Endpoint, type WithInput } from './endpoint.js';
import { ApiError } from './errors.js';
import { parsePart } from './parse.js';

const nobody: ApiKey = { id: '', tenantId: '', sha256: '', scopes: [] };

const jsonBodyOf = (request: FastifyRequest): unknown => {
  if (isStream(request.body))
    throw new ApiError('unsupported_media_type', 'expected JSON with Content-Type application/json');
  return request.body;
};

/** Who asks, may they, how often, and is the request well-formed: in this order, so that strangers learn nothing. */
@Injectable()
export class EndpointGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(API_KEYS) private readonly keys: ApiKeys,
    @Inject(RateLimit) private readonly limit: RateLimit,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const endpoint = this.reflector.get<Endpoint>(ENDPOINT, context.getHandler());
    const request = context.switchToHttp().getRequest<FastifyRequest & WithInput>();
    const key = this.admit(endpoint, request);
    request.earshotInput = {
      tenantId: key.tenantId,
      key,
      parameters: parsePart(endpoint.parameters, request.params, 'path'),
      query: parsePart(endpoint.query, request.query, 'query'),
      body: endpoint.body === undefined ? undefined : parsePart(endpoint.body, jsonBodyOf(request), 'body'),
    };
    return true;
  }

  private admit(endpoint: Endpoint, request: FastifyRequest): ApiKey {
    if (endpoint.access === 'none' || endpoint.access === 'ingestion') return nobody;
    const key = this.keys.find(request.headers.authorization);
    if (key === undefined) {
      const seen = request.headers.authorization === undefined ? 'no key was given' : 'the key is not known';
      throw new ApiError('unauthorized', `${seen}: send the header Authorization: Bearer ek_…`);
    }
    if (!key.scopes.includes(endpoint.access)) {
      throw new ApiError(
        'forbidden',
        `key ${key.id} has the scopes ${key.scopes.join(', ')}; this needs ${endpoint.access}`,
      );
    }
    const waitS = this.limit.waitS(key.id, Date.now());
    if (waitS > 0) throw new ApiError('too_many_requests', `key ${key.id} asks too often: wait ${waitS} s`, waitS);
    return key;
  }
}
