import type { z } from 'zod';

import { testKeys } from './start-api.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Asks a running api; JSON in, JSON out. */
export const ask = async (
  base: string,
  path: string,
  options: {
    readonly method?: string;
    readonly body?: unknown;
    readonly key?: string | null;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Answer> => {
  const { method = 'GET', body, key = testKeys.all, headers = {} } = options;
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, body: isJson ? (JSON.parse(text) as unknown) : text };
};

/** The answer's body, which must be exactly what the schema documents. */
export const checked = <T extends z.ZodType>(schema: T, answer: Answer): z.output<T> => {
  if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return schema.parse(answer.body);
};
