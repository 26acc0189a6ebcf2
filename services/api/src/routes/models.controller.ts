import { Controller, Inject, Req } from '@nestjs/common';
import type { ClassificationServiceClient } from '@earshot/contracts';
import type { FastifyRequest } from 'fastify';

import { pageOf } from '../query/page-of.js';
import { endpoints } from '../endpoints.js';
import { readAll } from '../http/body.js';
import type { InputOf } from '../http/endpoint.js';
import { Input, Serves } from '../http/serves.js';
import { call } from '../peers/call.js';
import { modelJson } from '../peers/registry-json.js';
import type { KnownThings } from '../peers/registry-view.js';
import { CLASSIFICATION, REGISTRY_VIEW } from '../tokens.js';

const CLASSIFY_DEADLINE_MS = 60_000;
export const MAX_CLIP_BYTES = 24 * 1024 * 1024;

/** Models in use, and classifying a clip with them. */
@Controller('v1')
export class ModelsController {
  constructor(
    @Inject(CLASSIFICATION) private readonly classification: ClassificationServiceClient,
    @Inject(REGISTRY_VIEW) private readonly known: KnownThings,
  ) {}

  @Serves(endpoints.listModels)
  list(@Input() { tenantId, query }: InputOf<typeof endpoints.listModels>) {
    return pageOf(this.known.models(tenantId).map(modelJson), query);
  }

  @Serves(endpoints.classify)
  async classify(@Input() { query }: InputOf<typeof endpoints.classify>, @Req() request: FastifyRequest) {
    const audio = await readAll(request.body, MAX_CLIP_BYTES);
    return call(
      this.classification,
      'classify',
      { audio, channel: query.channel },
      { deadlineMs: CLASSIFY_DEADLINE_MS },
    );
  }
}
