import { describe, expect, it } from '@jest/globals';

import { endpoints } from '../endpoints.js';
import type { Endpoint } from '../http/endpoint.js';
import { openApiDocument } from './document.js';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Record<string, unknown>;
  }[];
  readonly responses: Record<
    string,
    { readonly content?: Record<string, { readonly schema: Record<string, unknown> }> }
  >;
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Record<string, unknown> }> };
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Record<string, unknown>> };
}

const document = openApiDocument() as unknown as Document;

const refsIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [String(inner)] : refsIn(inner)));
};

describe('OpenAPI document', () => {
  it('lists every endpoint of the table once, with its path parameters', () => {
    const listed = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
    );
    expect(listed.map(({ operation }) => operation.operationId).sort()).toEqual(Object.keys(endpoints).sort());
    for (const { path, operation } of listed) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(operation.parameters.filter((one) => one.in === 'path').map((one) => one.name)).toEqual(inPath);
    }
  });

  it('refers only to schemas that are there', () => {
    for (const ref of refsIn(document)) {
      expect(Object.keys(document.components.schemas)).toContain(ref.replace('#/components/schemas/', ''));
    }
    expect(refsIn(document).length).toBeGreaterThan(30);
  });

  it('describes query parameters as they stand in the URL', () => {
    const parameters = document.paths['/v1/sensors/{id}/levels']?.['get']?.parameters ?? [];
    const named = (name: string) => parameters.find((one) => one.name === name)?.schema;
    expect(named('limit')).toMatchObject({ type: 'integer', minimum: 1, maximum: 10_000, default: 1000 });
    expect(named('from')).toMatchObject({ type: 'string', format: 'date-time' });
    expect(named('resolution')).toMatchObject({ enum: ['1s', '1m', '15m', '1h', '1d'] });
    expect(named('include')).toMatchObject({ type: 'string' });
  });

  it('has examples that its own schemas accept', () => {
    for (const endpoint of Object.values<Endpoint>(endpoints)) {
      if (endpoint.body === undefined) continue;
      const body =
        document.paths[`/v1/${endpoint.path.replace(/:(\w+)/g, '{$1}')}`]?.[endpoint.method.toLowerCase()]?.requestBody;
      const ref = String(body?.content['application/json']?.schema['$ref']).replace('#/components/schemas/', '');
      const examples = document.components.schemas[ref]?.['examples'] as readonly unknown[] | undefined;
      expect([endpoint.path, ref, (examples?.length ?? 0) > 0]).toEqual([endpoint.path, ref, true]);
      for (const example of examples ?? []) expect(endpoint.body.safeParse(example).success).toBe(true);
    }
  });

  it('says of every answer what it holds', () => {
    const levels =
      document.paths['/v1/sensors/{id}/levels']?.['get']?.responses['200']?.content?.['application/json']?.schema;
    expect(refsIn(levels)).toEqual(
      expect.arrayContaining(['#/components/schemas/SecondLevel', '#/components/schemas/WindowLevel']),
    );
  });
});
