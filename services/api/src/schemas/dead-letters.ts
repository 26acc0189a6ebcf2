import { z } from 'zod';

import { components, time } from './parts.js';

export const deadLetter = z
  .object({
    id: z.string().describe('topic/partition/offset among the dead letters'),
    topic: z.string().describe('the topic it was meant for'),
    sensorId: z.string(),
    time,
    stage: z.string().describe('the stage or door that could not use it'),
    reason: z.string().describe('undecodable, invalid, unsupported, oversize or stage-error'),
    cause: z.string(),
    attempt: z.int().describe('how often it has come here'),
    origin: z
      .object({ partition: z.int(), kafkaOffset: z.int() })
      .nullable()
      .describe('where it stood; null: a door refused it'),
    bytes: z.int(),
    content: z.string().nullable().describe('what the bytes are, where a door says so; null: a record of the topic'),
    replayable: z.boolean(),
  })
  .register(components, {
    id: 'DeadLetter',
    examples: [
      {
        id: 'earshot.audio.v1.dlq/3/17',
        topic: 'earshot.audio.v1',
        sensorId: 'gate-1',
        time: '2026-11-22T10:00:00.000Z',
        stage: 'feature-extraction',
        reason: 'undecodable',
        cause: 'not an AudioFrame',
        attempt: 1,
        origin: { partition: 3, kafkaOffset: 4711 },
        bytes: 31_988,
        content: null,
        replayable: true,
      },
    ],
  });

export const deadLetterWithValue = z
  .object({ ...deadLetter.shape, valueBase64: z.string() })
  .register(components, { id: 'DeadLetterWithValue' });

export const replayed = z
  .object({ id: z.string(), topic: z.string().describe('where it was put back') })
  .register(components, { id: 'Replayed' });
