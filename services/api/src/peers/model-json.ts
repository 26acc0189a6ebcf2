import type { Model, ModelRoles } from '@earshot/contracts';

import { isoOf } from '../query/time.js';
import type { ModelJson, ModelRolesJson } from '../schemas/models.js';

const roles = ['live', 'shadow', 'installed', 'retired'] as const;

/** Figures of record: `metrics` of the manifest. */
const metricsOf = (manifestJson: string): ModelJson['metrics'] => {
  try {
    const manifest: unknown = JSON.parse(manifestJson);
    const metrics: unknown =
      typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'metrics') : null;
    return typeof metrics === 'object' && metrics !== null ? { ...metrics } : null;
  } catch {
    return null;
  }
};

export const modelJson = (model: Model): ModelJson => ({
  id: model.modelId,
  version: model.version,
  task: model.task,
  labels: model.labels,
  frontEndId: model.frontEndId,
  windowMs: model.windowMs,
  hopMs: model.hopMs,
  role: roles.find((role) => role === model.role) ?? 'installed',
  effectiveFrom: isoOf(model.effectiveFromUs),
  metrics: metricsOf(model.manifestJson),
});

export const modelRolesJson = (picture: ModelRoles): ModelRolesJson => {
  const refJson = ({ modelId, version }: { modelId: string; version: string }) => ({ id: modelId, version });
  return {
    revision: picture.revision,
    effectiveFrom: picture.effectiveFromUs === 0 ? null : isoOf(picture.effectiveFromUs),
    createdAt: isoOf(picture.createdUs),
    action: picture.action,
    performedBy: picture.performedBy,
    note: picture.note,
    tasks: picture.tasks.map(({ task, live, shadow }) => ({
      task,
      live: live === undefined ? null : refJson(live),
      shadow: shadow.map(refJson),
    })),
  };
};
