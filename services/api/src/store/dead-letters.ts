import { findLetters, toReplay, type Found, type LetterFilter } from '@earshot/platform/dlq';
import { createProducer, type Kafka } from '@earshot/platform/kafka';
import type { Logger } from '@earshot/platform/telemetry';

import { ApiError } from '../http/errors.js';

/** What the API asks of the dead letters. */
export interface DeadLetters {
  /** The newest `most` that match, oldest first. */
  find(filter: LetterFilter, most: number): Promise<readonly Found[]>;
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
  find: async (filter, most) => (await inTime(findLetters(kafka, logger, namespace, filter, most))).found,
  replay: async (letter) => {
    const producer = await inTime(createProducer(kafka));
    try {
      await producer.send([toReplay(letter)]);
    } finally {
      await producer.close();
    }
  },
});
