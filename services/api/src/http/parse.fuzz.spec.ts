import { fuzz } from '@earshot/testing/fuzz';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';

import { endpoints } from '../endpoints.js';
import { components } from '../schemas/parts.js';
import type { Endpoint } from './endpoint.js';
import { ApiError } from './errors.js';
import { parsePart } from './parse.js';

jest.setTimeout(3_600_000);

const all: readonly Endpoint[] = Object.values(endpoints);
const withBody = all.filter(({ body }) => body !== undefined);

const names = (schema: z.ZodObject): readonly string[] => Object.keys(schema.shape);

/** Taken, or refused with words that name what was wrong and are no longer than a person reads. */
const isHandled = (schema: z.ZodType, value: unknown, part: 'query' | 'path' | 'body'): void => {
  try {
    parsePart(schema, value, part);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    expect(error.status).toBe(400);
    expect(error.message.length).toBeGreaterThan(5);
    expect(error.message.length).toBeLessThan(20_000);
  }
};

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('', '0', '-1', '1e309', 'NaN', '2026-11-22T10:00:00Z', '9999-12-31T23:59:60Z', '1970-01-01', '1h'),
);
/** What an HTTP query gives: texts, and lists of them where a name comes twice. */
const queryOf = (schema: z.ZodObject) =>
  fc.dictionary(fc.oneof(fc.constantFrom(...names(schema), '__proto__'), text), fc.oneof(text, fc.array(text)));

const json = fc.jsonValue({ maxDepth: 3 });
/** Good examples of the OpenAPI document with values and whole fields exchanged. */
const spoilt = (schema: z.ZodType) => {
  const examples = (components.get(schema)?.examples ?? []) as readonly object[];
  const known = schema instanceof z.ZodObject ? names(schema) : [];
  const fields = fc.dictionary(
    fc.constantFrom(...known, ...examples.flatMap((one) => Object.keys(one)), 'x', '__proto__'),
    json,
  );
  return fc.oneof(
    json,
    fc.tuple(fc.constantFrom({}, ...examples), fields).map(([one, other]): unknown => ({ ...one, ...other })),
  );
};

describe('requests of the HTTP API', () => {
  it('are many, and some have bodies', () => {
    expect([all.length > 20, withBody.length > 5]).toEqual([true, true]);
  });

  it('queries and paths of any kind', async () => {
    const request = fc
      .constantFrom(...all)
      .chain((endpoint) => fc.tuple(fc.constant(endpoint), queryOf(endpoint.query), queryOf(endpoint.parameters)));
    await fuzz(
      { runs: 3_000 },
      fc.property(request, ([endpoint, query, path]) => {
        isHandled(endpoint.query, query, 'query');
        isHandled(endpoint.parameters, path, 'path');
      }),
    );
  });

  it('bodies of any kind', async () => {
    const request = fc.constantFrom(...withBody).chain(({ body }) => {
      const schema = body ?? z.never();
      return fc.tuple(fc.constant(schema), spoilt(schema));
    });
    await fuzz(
      { runs: 3_000 },
      fc.property(request, ([schema, body]) => isHandled(schema, body, 'body')),
    );
  });
});
