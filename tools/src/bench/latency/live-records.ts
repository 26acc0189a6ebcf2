import {
  Anomaly,
  AnomalyState,
  Classification,
  Condition,
  sensorKey,
  SoundLevels,
  topicName,
} from '@earshot/contracts';
import { createKafka, createProducer } from '@earshot/platform/kafka';
import { createLogger } from '@earshot/platform/telemetry';
import { setTimeout as sleep } from 'node:timers/promises';
import { TENANT } from '../../chaos/sensors.js';

/** Puts on the topics what stages tell of many sensors that play, until it is stopped. */
export interface LiveRecords {
  /** Latest that a second was sent after it was over, ms. */
  latestMs(): number;
  stop(): Promise<void>;
}

/** Sensors speak spread over the second, in so many groups. */
const GROUPS = 20;
const ANOMALY_EVERY_S = 5;
const LABELS = ['dog', 'rain', 'chainsaw', 'helicopter'] as const;
const BOOT = 'live';
const rounded = (value: number): number => Math.round(value * 10) / 10;

/** What one sensor tells of one second: levels and a window's classes, now and then how normal it is. */
const recordsOf = (sensorId: string, index: number, second: number) => {
  const topic = (id: 'levels' | 'classifications' | 'anomalies') =>
    topicName(id, process.env['TOPIC_NAMESPACE'] ?? 'earshot');
  const of = { tenantId: TENANT, sensorId, bootId: BOOT, timeUs: second * 1e6 };
  const key = sensorKey(TENANT, sensorId);
  const laeqDb = rounded(50 + 8 * Math.sin((second + index * 7) / 11) + ((index * 31 + second * 17) % 40) / 10);
  const known = { fullScaleDb: 120, calibrationId: 'cal-1' };
  const levels = SoundLevels.fromPartial({
    ...{ ...of, ...known, secondIndex: second, durationMs: 1000, sampleRateHz: 16_000, laeqDb },
    ...{ lceqDb: laeqDb + 4, lzeqDb: laeqDb + 6, lafmaxDb: laeqDb + 3, lcpeakDb: laeqDb + 20 },
    ...{ lafminDb: laeqDb - 3, lasmaxDb: laeqDb + 1, laimaxDb: laeqDb + 4, dcDb: 20 },
    laf125msDb: Array.from({ length: 8 }, (_, part) => rounded(laeqDb + ((index + part * 3) % 7) - 3)),
  });
  const heard = (index + Math.floor(second / 5)) % 9;
  const classification = Classification.fromPartial({
    ...{ ...of, ...known, id: `${TENANT}/${sensorId}/${BOOT}/${second}`, windowMs: 1000, hopMs: 1000, laeqDb },
    ...{ modelId: 'bench', modelVersion: '1' },
    classes: LABELS.map((label, place) => ({ label, probability: place === heard ? 0.9 : 0.03 })),
  });
  const anomaly = Anomaly.fromPartial({
    ...{
      ...of,
      id: `${TENANT}/${sensorId}/${BOOT}/${second}/a`,
      durationMs: ANOMALY_EVERY_S * 1000,
      detectorId: 'bench',
    },
    ...{ score: 1, threshold: 4, warmUp: 1, maturity: 1 },
    state: AnomalyState.ANOMALY_STATE_NORMAL,
    condition: Condition.CONDITION_ACCEPTABLE,
  });
  return [
    { topic: topic('levels'), key, value: SoundLevels.encode(levels).finish() },
    { topic: topic('classifications'), key, value: Classification.encode(classification).finish() },
    ...((index + second) % ANOMALY_EVERY_S === 0
      ? [{ topic: topic('anomalies'), key, value: Anomaly.encode(anomaly).finish() }]
      : []),
  ];
};

export const startLiveRecords = async (brokers: string, sensorIds: readonly string[]): Promise<LiveRecords> => {
  const logger = createLogger('bench', 'error');
  const producer = await createProducer(createKafka({ brokers: brokers.split(','), clientId: 'bench', logger }));
  const halted = new AbortController();
  let latestMs = 0;
  const play = async (): Promise<void> => {
    const begin = Math.ceil(Date.now() / 1000) * 1000;
    for (let step = 0; !halted.signal.aborted; step++) {
      const dueMs = begin + (step * 1000) / GROUPS;
      await sleep(Math.max(0, dueMs - Date.now()));
      latestMs = Math.max(latestMs, Date.now() - dueMs);
      const second = Math.floor(dueMs / 1000) - 1;
      const group = step % GROUPS;
      const records = sensorIds.flatMap((id, index) => (index % GROUPS === group ? recordsOf(id, index, second) : []));
      await producer.send(records);
    }
  };
  const playing = play();
  return {
    latestMs: () => latestMs,
    stop: async () => {
      halted.abort();
      await playing;
      await producer.close();
    },
  };
};
