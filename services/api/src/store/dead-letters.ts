import { findLetters, toReplay, type Found, type LetterFilter } from '@earshot/platform/dlq';
import { createProducer, type Kafka } from '@earshot/platform/kafka';
import type { Logger } from '@earshot/platform/telemetry';

import { ApiError } from '../http/errors.js';

/** What the API asks of the dead letters. */
export interface DeadLetters {
  /** The newest `most` that match, oldest first, without their bytes. */
  list(filter: LetterFilter, most: number): Promise<readonly Found[]>;
  /** The one of this id, if its key is of the tenant. */
  get(tenantId: string, id: string): Promise<Found | undefined>;
  replay(letter: Found): Promise<void>;
}

const PATIENCE_MS = 20_000;

/** The client may try again: the broker is away, or there is more to read than a request may wait for. */
const inTime = async <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new ApiError('unavailable', 'The dead letters could not be read in time, try again', 5));
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

export const createDeadLetters = (kafka: Kafka, namespace: string, logger: Logger): DeadLetters => ({
  list: async (filter, most) =>
    (await inTime(findLetters(kafka, logger, namespace, filter, most, { values: false }))).found,
  get: async (tenantId, id) =>
    (await inTime(findLetters(kafka, logger, namespace, { key: tenantId, ids: [id] }, 1))).found[0],
  replay: async (letter) => {
    const producer = await inTime(createProducer(kafka));
    try {
      await producer.send([toReplay(letter)]);
    } finally {
      await producer.close();
    }
  },
});
