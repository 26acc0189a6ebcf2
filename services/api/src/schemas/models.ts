import { z } from 'zod';

import { components, time } from './parts.js';

export const model = z
  .object({
    id: z.string(),
    version: z.string(),
    task: z.string(),
    labels: z.array(z.string()),
    frontEndId: z.string(),
    windowMs: z.int().describe('what one result is about: a window of a classifier, a step of a sequence model'),
    hopMs: z.int(),
    role: z
      .enum(['live', 'shadow', 'installed', 'retired'])
      .describe('in the latest picture of the ledger; retired: not installed any more'),
    effectiveFrom: time.describe('since when it has this role'),
    metrics: z.looseObject({}).nullable().describe("figures of record from the bundle's manifest; null: none"),
  })
  .register(components, {
    id: 'Model',
    examples: [
      {
        ...{ id: 'esc10-crnn', version: '1.0.0', task: 'audio-event-detection', labels: ['chainsaw', 'rain'] },
        ...{ frontEndId: 'logmel-16k-64-v1', windowMs: 100, hopMs: 100, role: 'live' as const },
        ...{ effectiveFrom: '2026-11-22T08:00:00.000Z', metrics: { parameters: 114_074 } },
      },
    ],
  });

export const task = z.enum(['audio-classification', 'audio-event-detection']);

const modelRef = z.object({ id: z.string(), version: z.string() });

export const modelRoles = z
  .object({
    revision: z.int(),
    effectiveFrom: time.nullable().describe('sound from this time on; null: from the beginning'),
    createdAt: time,
    action: z.string().describe('start, promote, rollback or shadow'),
    performedBy: z.string(),
    note: z.string(),
    tasks: z.array(z.object({ task: z.string(), live: modelRef.nullable(), shadow: z.array(modelRef) })),
  })
  .register(components, { id: 'ModelRoles' });

const version = z.string().min(1).max(50).optional().describe('left out: the one that is installed, when it is one');
const note = z.string().max(2000).default('');

export const promotion = z
  .strictObject({
    version,
    keepInShadow: z.boolean().default(false).describe('the model that was live goes to shadow'),
    note,
  })
  .prefault({})
  .register(components, { id: 'Promotion', examples: [{ version: '2.0.0', keepInShadow: true, note: 'gate passed' }] });

export const shadowing = z
  .strictObject({ version, note })
  .prefault({})
  .register(components, { id: 'Shadowing', examples: [{ version: '2.0.0' }] });

export const rollback = z
  .strictObject({
    task: task.optional().describe('left out: the one whose live model was changed last'),
    note,
  })
  .prefault({})
  .register(components, { id: 'Rollback', examples: [{ task: 'audio-event-detection' }] });

export type ModelJson = z.infer<typeof model>;
export type ModelRolesJson = z.infer<typeof modelRoles>;
