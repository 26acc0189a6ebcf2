import { z } from 'zod';

/** Schemas that have a name in the OpenAPI document. */
export const components = z.registry<{ id: string; description?: string; examples?: unknown[] }>();

export const time = z.iso.datetime({ precision: 3 }).describe('RFC 3339, UTC, milliseconds');
export const db = z
  .number()
  .nullable()
  .describe('dB: SPL when calibrationId is set, else re full-scale RMS; null: no energy');
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable().describe('null: no more') });

export const apiError = z.object({ error: z.object({ code: z.string(), message: z.string() }) }).register(components, {
  id: 'Error',
  examples: [{ error: { code: 'bad_request', message: 'limit is "0": expected a whole number from 1 to 10000' } }],
});
