import { z } from 'zod';

import type { Endpoint } from './http/endpoint.js';
import { limitParameter, sensorId } from './query/parameters.js';
import { deadLetter, deadLetterWithValue, replayed } from './schemas/dead-letters.js';
import { page } from './schemas/parts.js';

const none = z.strictObject({});
const letterId = z.object({
  topic: z.string().min(1).max(249),
  partition: z.coerce.number().int().min(0),
  offset: z.coerce.number().int().min(0),
});

/** What could not be used, and putting it back. */
export const deadLetterEndpoints = {
  listDeadLetters: {
    method: 'GET',
    path: 'dead-letters',
    summary: 'What a stage or a door could not use, newest first',
    tag: 'Dead letters',
    access: 'read',
    parameters: none,
    query: z.strictObject({
      topic: z.string().min(1).max(249).optional(),
      reason: z.enum(['undecodable', 'invalid', 'unsupported', 'oversize', 'stage-error']).optional(),
      stage: z.string().min(1).max(64).optional(),
      sensorId: sensorId.optional(),
      limit: limitParameter(100, 1000),
    }),
    status: 200,
    response: page(deadLetter),
  },
  getDeadLetter: {
    method: 'GET',
    path: 'dead-letters/:topic/:partition/:offset',
    summary: 'One dead letter with its bytes',
    tag: 'Dead letters',
    access: 'read',
    parameters: letterId,
    query: none,
    status: 200,
    response: deadLetterWithValue,
    failures: [404],
  },
  replayDeadLetter: {
    method: 'POST',
    path: 'dead-letters/:topic/:partition/:offset/replay',
    summary: 'Put a dead letter back where it came from; twice gives the same rows once',
    tag: 'Dead letters',
    access: 'write',
    parameters: letterId,
    query: none,
    status: 202,
    response: replayed,
    failures: [404, 409],
  },
} as const satisfies Record<string, Endpoint>;
