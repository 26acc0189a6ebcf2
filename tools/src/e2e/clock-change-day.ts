import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sensorKey, SoundLevels, topicName } from '@earshot/contracts';
import { createKafka, createProducer } from '@earshot/platform/kafka';
import { createLogger } from '@earshot/platform/telemetry';
import { z } from 'zod';
import { repositoryRoot } from '../config/settings.js';

/**
 * The local day of services/sink/golden/den_day.py: Berlin, 24 October 2026, whose night has 9 h. Every 20th second is there, but for a gap
 * of over an hour and single seconds.
 */
export const golden = z
  .record(z.string(), z.number())
  .parse(JSON.parse(readFileSync(path.join(repositoryRoot, 'services/sink/golden/den-day.json'), 'utf8')));

const EVERY_S = 20;
export const startS = golden['start_s'] ?? NaN;
const count = ((golden['end_s'] ?? NaN) - startS) / EVERY_S;

const isThere = (k: number): boolean => !(k >= 500 && k < 700) && k % 37 !== 5;
const isLate = (k: number): boolean => k >= 2_900 && k < 3_300;

/** Seconds of the day, late ones or the others. */
export const secondsOfDay = (late: boolean): readonly number[] =>
  Array.from({ length: count }, (_, k) => k).filter((k) => isThere(k) && isLate(k) === late);

/** Tenant of the key that the stack makes for itself. */
const ID = { tenantId: 'demo', sensorId: 'clock-change' };

/** Levels re full scale, as a stage that knows of no calibration puts them on the topic. */
const levelsAt = (k: number): SoundLevels => {
  const laeqDb = Math.round((-60 + 15 * Math.sin(k / 977) + 5 * Math.cos(k / 31)) * 1000) / 1000;
  return SoundLevels.fromPartial({
    ...ID,
    bootId: 'b1',
    secondIndex: k * EVERY_S,
    timeUs: (startS + k * EVERY_S) * 1e6,
    durationMs: 1000,
    sampleRateHz: 16_000,
    laeqDb,
    lceqDb: laeqDb,
    lzeqDb: laeqDb,
    lafmaxDb: laeqDb,
    lcpeakDb: laeqDb,
  });
};

/** Puts them on the levels topic, where feature extraction would. */
export const publishSeconds = async (brokers: string, seconds: readonly number[]): Promise<void> => {
  const logger = createLogger('e2e', 'error');
  const producer = await createProducer(createKafka({ brokers: brokers.split(','), clientId: 'e2e', logger }));
  try {
    for (let from = 0; from < seconds.length; from += 500) {
      await producer.send(
        seconds.slice(from, from + 500).map((k) => ({
          topic: topicName('levels', process.env['TOPIC_NAMESPACE'] ?? 'earshot'),
          key: sensorKey(ID.tenantId, ID.sensorId),
          value: SoundLevels.encode(levelsAt(k)).finish(),
        })),
      );
    }
  } finally {
    await producer.close();
  }
};
