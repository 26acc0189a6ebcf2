import { AudioFrame, ClockQuality, topicName } from '@earshot/contracts';
import type { Presence } from '@earshot/core/fleet';
import type { OutgoingRecord, RecordProducer } from '@earshot/platform/kafka';
import { saveSnapshots } from './hear-levels.js';
import type { PresenceTable } from './presence-table.js';

export interface TellSilenceDeps {
  readonly table: PresenceTable;
  readonly producer: RecordProducer;
  readonly namespace: string;
  readonly silentAfterUs: number;
  readonly nowUs: () => number;
  /** Whether levels are read without a backlog: what could not be heard is not silence. */
  isListening(): boolean;
}

const silentRecord = (key: string, presence: Presence, nowUs: number, namespace: string): OutgoingRecord => {
  const [tenantId = '', sensorId = ''] = key.split('/');
  const frame: AudioFrame = {
    tenantId,
    sensorId,
    bootId: '',
    sequence: 0,
    anchorTimeUs: presence.lastSeenUs,
    firstSampleIndex: 0,
    sampleRateHz: presence.sampleRateHz,
    sampleCount: 0,
    clockQuality: ClockQuality.CLOCK_QUALITY_RECEIVED,
    receivedTimeUs: nowUs,
    body: { $case: 'silent', value: { sinceUs: presence.lastSeenUs } },
  };
  return { topic: topicName('audio', namespace), key, value: AudioFrame.encode(frame).finish() };
};

/**
 * Writes one Silent frame for each sensor that went quiet, into its own partition of the audio topic. Called every second,
 * one call at a time; answers how many it wrote. After a failed write it is told again: a second Silent does no harm.
 */
export const createTellSilence = (deps: TellSilenceDeps): (() => Promise<number>) => {
  const { table, producer, namespace } = deps;
  let listeningSinceUs = deps.nowUs();
  return async () => {
    const nowUs = deps.nowUs();
    if (!deps.isListening()) listeningSinceUs = nowUs;
    const quiet = table.quiet(nowUs, deps.silentAfterUs, listeningSinceUs);
    if (quiet.length === 0) return 0;
    await producer.send(quiet.map(([key, presence]) => silentRecord(key, presence, nowUs, namespace)));
    for (const [key, presence] of quiet) table.told(key, presence);
    await saveSnapshots(table, producer, namespace, new Set(quiet.map(([key]) => key)));
    return quiet.length;
  };
};
