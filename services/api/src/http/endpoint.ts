import type { z } from 'zod';

import type { ApiKey, Scope } from '../auth/api-keys.js';

/** One row of the table of endpoints: validates requests, guards the route and is the OpenAPI document's source. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** After `/v1/`, with `:name` parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** A scope of the API key; `ingestion`: the service behind it decides; `none`: everybody. */
  readonly access: Scope | 'ingestion' | 'none';
  readonly parameters: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body?: z.ZodType;
  /** The body is a sound file. */
  readonly audioBody?: boolean;
  /** The body is a levels file (CSV). */
  readonly csvBody?: boolean;
  readonly status: number;
  /** undefined: an empty answer; `stream`: server-sent events; `any`: what the service behind it answers; `wav`, `tar`: a file. */
  readonly response?: z.ZodType | 'stream' | 'any' | 'wav' | 'tar';
  /** Status of the failures that this endpoint adds to 400, 401, 403, 429 and 503. */
  readonly failures?: readonly number[];
}

export interface InputOf<E extends Endpoint> {
  /** Whose data it is. */
  readonly tenantId: string;
  readonly key: ApiKey;
  readonly parameters: z.output<E['parameters']>;
  readonly query: z.output<E['query']>;
  readonly body: E['body'] extends z.ZodType ? z.output<E['body']> : undefined;
}

/** Metadata name under which a controller's method carries its endpoint. */
export const ENDPOINT = 'earshot:endpoint';

/** What `EndpointGuard` made of the request. */
export interface WithInput {
  earshotInput?: unknown;
}
