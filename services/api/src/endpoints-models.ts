import { z } from 'zod';

import type { Endpoint } from './http/endpoint.js';
import { cursorParameter, limitParameter } from './query/parameters.js';
import { model, modelRoles, promotion, rollback, shadowing, task } from './schemas/models.js';
import { page } from './schemas/parts.js';

const none = z.strictObject({});
const modelId = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,199}$/, 'expected lower-case letters, digits, ".", "_" and "-"'),
});
const paged = z.strictObject({ limit: limitParameter(1000, 1000), cursor: cursorParameter });
const version = z.string().min(1).max(50).optional();
const refusals = [404, 409];

/** Models and the ledger of their roles. Models serve all tenants: a change is one for the whole installation. */
export const modelEndpoints = {
  listModels: {
    method: 'GET',
    path: 'models',
    summary: 'Models that are installed, with their roles and figures',
    tag: 'Models',
    access: 'read',
    parameters: none,
    query: paged,
    status: 200,
    response: page(model),
  },
  listModelRoles: {
    method: 'GET',
    path: 'models/roles',
    summary: 'The ledger of roles, newest first: which models were, are and will be live and in shadow',
    tag: 'Models',
    access: 'read',
    parameters: none,
    query: z.strictObject({ ...paged.shape, task: task.optional() }),
    status: 200,
    response: page(modelRoles),
  },
  promoteModel: {
    method: 'POST',
    path: 'models/:id/promote',
    summary: 'Make a model live for its task, a few seconds from now, without a gap',
    tag: 'Models',
    access: 'write',
    parameters: modelId,
    query: none,
    body: promotion,
    status: 200,
    response: modelRoles,
    failures: refusals,
  },
  shadowModel: {
    method: 'POST',
    path: 'models/:id/shadow',
    summary: 'Let a model score everything beside the live one, for comparison',
    tag: 'Models',
    access: 'write',
    parameters: modelId,
    query: none,
    body: shadowing,
    status: 200,
    response: modelRoles,
    failures: refusals,
  },
  unshadowModel: {
    method: 'DELETE',
    path: 'models/:id/shadow',
    summary: 'Take a model out of shadow',
    tag: 'Models',
    access: 'write',
    parameters: modelId,
    query: z.strictObject({ version }),
    status: 200,
    response: modelRoles,
    failures: refusals,
  },
  rollbackModel: {
    method: 'POST',
    path: 'models/rollback',
    summary: 'Go back to the model that was live before',
    tag: 'Models',
    access: 'write',
    parameters: none,
    query: none,
    body: rollback,
    status: 200,
    response: modelRoles,
    failures: refusals,
  },
} as const satisfies Record<string, Endpoint>;
