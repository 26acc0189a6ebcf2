import { z } from 'zod';

import { endpoints } from '../endpoints.js';
import type { Endpoint } from '../http/endpoint.js';
import { apiError, components } from '../schemas/parts.js';

type Json = Record<string, unknown>;

const failureTexts: Readonly<Record<number, string>> = {
  400: 'A parameter or field is wrong; the message names it and what is allowed',
  401: 'No key, or one that is not known',
  403: 'The scopes of the key do not allow it',
  404: 'There is no such thing in this tenant',
  409: 'It is there already, or its state does not allow it',
  410: 'It was there and is no longer kept',
  413: 'Too large or too long',
  415: 'Not a kind of content that is understood',
  429: 'Too many requests: wait Retry-After seconds',
  503: 'A service behind the API does not answer: try again after Retry-After seconds',
};

const schemaUri = (id: string): string => `#/components/schemas/${id}`;

/** JSON Schemas of the named schemas and one more, which refer to each other by name. */
const schemasOf = (extra: z.ZodType | undefined, io: 'input' | 'output'): Record<string, Json> => {
  const all = z.registry<{ id: string; examples?: unknown[] }>();
  for (const schema of components._idmap.values()) all.add(schema, components.get(schema) ?? { id: '' });
  if (extra !== undefined && !all.has(extra)) all.add(extra, { id: INLINE });
  const { schemas } = z.toJSONSchema(all, { uri: schemaUri, unrepresentable: 'any', metadata: all, io });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => {
      const { $schema: _, $id: __, id: ___, ...rest } = schema as Json;
      // zod leaves the examples of what transforms its input out; ours are of the input.
      const examples = examplesOf(id);
      return [id, examples === undefined ? rest : { ...rest, examples }];
    }),
  );
};

const INLINE = 'inline';

const examplesOf = (id: string): unknown[] | undefined => {
  const schema = components._idmap.get(id);
  return schema === undefined ? undefined : components.get(schema)?.examples;
};

/** One schema: a reference when it has a name. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const name = components.get(schema)?.id;
  return name === undefined ? (schemasOf(schema, io)[INLINE] ?? {}) : { $ref: schemaUri(name) };
};

/** Bodies as clients send them, the rest as it is answered. */
const componentSchemas = (): Json => {
  const asked = schemasOf(undefined, 'input');
  const answered = schemasOf(undefined, 'output');
  const bodies = [
    'NewSensor',
    'SensorPatch',
    'RuleBody',
    'NewCalibration',
    'ArmCalibration',
    'Promotion',
    'Shadowing',
    'Rollback',
    'ReviewBody',
    'MissedBody',
  ];
  return { ...answered, ...Object.fromEntries(bodies.map((id) => [id, asked[id]])) };
};

const parametersOf = (endpoint: Endpoint): Json[] => [
  ...Object.entries(endpoint.parameters.shape).map(([name, schema]) => ({
    name,
    in: 'path',
    required: true,
    schema: schemaOf(schema as z.ZodType, 'input'),
  })),
  ...Object.entries(endpoint.query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: schemaOf(schema as z.ZodType, 'input'),
  })),
];

const audio = ['audio/wav', 'audio/flac', 'audio/ogg', 'application/octet-stream'];
const binary: Json = { schema: { type: 'string', format: 'binary' } };

const requestBodyOf = (endpoint: Endpoint): Json => {
  if (endpoint.audioBody === true) {
    return { requestBody: { required: true, content: Object.fromEntries(audio.map((type) => [type, binary])) } };
  }
  if (endpoint.csvBody === true) return { requestBody: { required: true, content: { 'text/csv': binary } } };
  return endpoint.body === undefined
    ? {}
    : {
        requestBody: { required: true, content: { 'application/json': { schema: schemaOf(endpoint.body, 'input') } } },
      };
};

const successOf = (endpoint: Endpoint): Json => {
  if (endpoint.response === undefined) return { description: 'Done; no content' };
  if (endpoint.response === 'stream') {
    return {
      description: 'Server-sent events until either side ends it',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    };
  }
  if (endpoint.response === 'wav' || endpoint.response === 'tar') {
    const type = endpoint.response === 'wav' ? 'audio/wav' : 'application/x-tar';
    return { description: endpoint.summary, content: { [type]: { schema: { type: 'string', format: 'binary' } } } };
  }
  const schema = endpoint.response === 'any' ? {} : schemaOf(endpoint.response, 'output');
  return { description: endpoint.summary, content: { 'application/json': { schema } } };
};

const responsesOf = (endpoint: Endpoint): Json => {
  const always = endpoint.access === 'none' ? [] : [400, 401, 403, 429, 503];
  const failures = [...new Set([...always, ...(endpoint.failures ?? [])])].sort((a, b) => a - b);
  return {
    [endpoint.status]: successOf(endpoint),
    ...Object.fromEntries(
      failures.map((status) => [
        status,
        {
          description: failureTexts[status] ?? 'Failure',
          content: { 'application/json': { schema: schemaOf(apiError, 'output') } },
        },
      ]),
    ),
  };
};

const operationOf = (id: string, endpoint: Endpoint): Json => ({
  operationId: id,
  summary: endpoint.summary,
  tags: [endpoint.tag],
  security: endpoint.access === 'none' ? [] : [{ apiKey: [] }],
  parameters: parametersOf(endpoint),
  ...requestBodyOf(endpoint),
  responses: responsesOf(endpoint),
});

/** OpenAPI 3.1 of the table of endpoints. */
export const openApiDocument = (): Json => {
  const paths: Record<string, Json> = {};
  for (const [id, endpoint] of Object.entries<Endpoint>(endpoints)) {
    const path = `/v1/${endpoint.path.replace(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(id, endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Earshot',
      version: '1',
      description:
        'Sensors, sound levels, events, anomalies and alerts. Times are RFC 3339 UTC with milliseconds; levels are dB.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values<Endpoint>(endpoints).map((endpoint) => endpoint.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'Authorization: Bearer ek_…' } },
    },
  };
};
