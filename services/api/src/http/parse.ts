import type { z } from 'zod';

import { ApiError } from './errors.js';

/** Validates one part of a request. @throws ApiError that names each mistake, what was seen and what is allowed. */
export const parsePart = <T extends z.ZodType>(
  schema: T,
  value: unknown,
  part: 'query' | 'path' | 'body',
): z.output<T> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ApiError(
    'bad_request',
    parsed.error.issues.map((issue) => sentence(issue, value, part, schema)).join('; '),
  );
};

const sentence = (issue: z.core.$ZodIssue, value: unknown, part: string, schema: z.ZodType): string => {
  const name = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = issue.path.length === 0 ? knownNames(schema) : '';
    const where = name === '' ? '' : ` in ${name}`;
    return `unknown ${part === 'query' ? 'query parameter' : 'field'} ${issue.keys.join(', ')}${where}${known}`;
  }
  const seen = issue.path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
  const shown = seen === undefined ? 'is missing' : `is ${shorten(JSON.stringify(seen))}`;
  return `${name === '' ? `the ${part}` : name} ${shown}: ${plain(issue.message)}`;
};

const knownNames = (schema: z.ZodType): string => {
  if (!('shape' in schema) || typeof schema.shape !== 'object' || schema.shape === null) return '';
  const names = Object.keys(schema.shape);
  return names.length === 0 ? ': none is allowed' : `: known are ${names.join(', ')}`;
};

const plain = (message: string): string => message.replace(/^Invalid (input|option): /, '');
const shorten = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 80)}…`);
