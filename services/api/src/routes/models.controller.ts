import { Controller, Inject, Req } from '@nestjs/common';
import type { ClassificationServiceClient, ModelRoles, ModelServiceClient } from '@earshot/contracts';
import type { FastifyRequest } from 'fastify';

import { pageBy } from '../query/page-of.js';
import { endpoints } from '../endpoints.js';
import { readAll } from '../http/body.js';
import type { InputOf } from '../http/endpoint.js';
import { Input, Serves } from '../http/serves.js';
import { call } from '../peers/call.js';
import { modelJson, modelRolesJson } from '../peers/model-json.js';
import { present } from '../peers/registry-json.js';
import type { KnownThings } from '../peers/registry-view.js';
import { CLASSIFICATION, MODELS, REGISTRY_VIEW } from '../tokens.js';

const CLASSIFY_DEADLINE_MS = 60_000;
/** A bundle is checked and loaded before a change is answered. */
const CHANGE_DEADLINE_MS = 30_000;
export const MAX_CLIP_BYTES = 24 * 1024 * 1024;

/** Keys in the order of falling revisions. */
const newestFirst = ({ revision }: { readonly revision: number }): string => String(1e9 - revision).padStart(10, '0');

/** Models and their roles, by classification, and classifying a clip with the live one. */
@Controller('v1')
export class ModelsController {
  constructor(
    @Inject(CLASSIFICATION) private readonly classification: ClassificationServiceClient,
    @Inject(MODELS) private readonly models: ModelServiceClient,
    @Inject(REGISTRY_VIEW) private readonly known: KnownThings,
  ) {}

  @Serves(endpoints.listModels)
  list(@Input() { tenantId, query }: InputOf<typeof endpoints.listModels>) {
    return pageBy(this.known.models(tenantId).map(modelJson), ({ id, version }) => `${id}@${version}`, query);
  }

  @Serves(endpoints.listModelRoles)
  roles(@Input() { query }: InputOf<typeof endpoints.listModelRoles>) {
    const { task } = query;
    const pictures = this.known.roles().map((picture) => {
      const json = modelRolesJson(picture);
      return task === undefined ? json : { ...json, tasks: json.tasks.filter((one) => one.task === task) };
    });
    return pageBy(pictures, newestFirst, query);
  }

  @Serves(endpoints.promoteModel)
  promote(@Input() { parameters, body, key }: InputOf<typeof endpoints.promoteModel>) {
    const { version = '', keepInShadow, note } = body;
    const request = { modelId: parameters.id, version, keepInShadow, performedBy: key.id, note };
    return this.changed(call(this.models, 'promoteModel', request, { deadlineMs: CHANGE_DEADLINE_MS }));
  }

  @Serves(endpoints.shadowModel)
  shadow(@Input() { parameters, body, key }: InputOf<typeof endpoints.shadowModel>) {
    const { version = '', note } = body;
    const request = { modelId: parameters.id, version, on: true, performedBy: key.id, note };
    return this.changed(call(this.models, 'shadowModel', request, { deadlineMs: CHANGE_DEADLINE_MS }));
  }

  @Serves(endpoints.unshadowModel)
  unshadow(@Input() { parameters, query, key }: InputOf<typeof endpoints.unshadowModel>) {
    const { version = '' } = query;
    const request = { modelId: parameters.id, version, on: false, performedBy: key.id, note: '' };
    return this.changed(call(this.models, 'shadowModel', request, { deadlineMs: CHANGE_DEADLINE_MS }));
  }

  @Serves(endpoints.rollbackModel)
  rollback(@Input() { body, key }: InputOf<typeof endpoints.rollbackModel>) {
    const request = { task: body.task ?? '', performedBy: key.id, note: body.note };
    return this.changed(call(this.models, 'rollbackModel', request, { deadlineMs: CHANGE_DEADLINE_MS }));
  }

  private async changed(change: Promise<{ readonly roles: ModelRoles | undefined }>) {
    const { roles } = await change;
    return modelRolesJson(present(roles, 'roles'));
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
