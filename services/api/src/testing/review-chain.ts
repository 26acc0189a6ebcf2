import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import {
  AudioFrame,
  EventPhase,
  PcmFormat,
  SoundEvent,
  SoundLevels,
  topicName,
  type TopicId,
} from '@earshot/contracts';
import { encodePcm } from '@earshot/platform/audio';
import type { OutgoingRecord } from '@earshot/platform/kafka';

export const RATE = 16_000;

/** Sample k of a sensor's stream: exact in 16 bits, another for every k of a minute. */
export const sampleAt = (index: number): number => (((index * 7919) % 65_536) - 32_768) / 32_768;

/** One mono FLAC file of 0.1 s at 16 kHz, of the decoders' golden vectors. */
export const goldenFlac = (): Uint8Array => {
  const url = new URL('../../../../libs/platform/src/audio/golden/encoded.json', import.meta.url);
  const { files } = JSON.parse(readFileSync(url, 'utf8')) as {
    readonly files: readonly { readonly name: string; readonly base64: string }[];
  };
  const file = files.find(({ name }) => name === 'flac-s16-mono');
  if (file === undefined) throw new Error('encoded.json has no flac-s16-mono');
  return new Uint8Array(Buffer.from(file.base64, 'base64'));
};

/** Records of sensors of tenant t1, as the stages before write them. Times are microseconds since the Unix epoch. */
export const createRecords = (namespace: string, anchorUs: number) => {
  const record = (topic: TopicId, sensorId: string, value: Uint8Array): OutgoingRecord => ({
    topic: topicName(topic, namespace),
    key: `t1/${sensorId}`,
    value,
  });
  const frame = (sensorId: string, sequence: number, count: number, body: AudioFrame['body'], topic: TopicId) =>
    record(
      topic,
      sensorId,
      AudioFrame.encode(
        AudioFrame.fromPartial({
          ...{ tenantId: 't1', sensorId, bootId: 'b1', sequence, anchorTimeUs: anchorUs },
          ...{ firstSampleIndex: sequence * count, sampleRateHz: RATE, sampleCount: count },
          receivedTimeUs: Date.now() * 1000,
          body,
        }),
      ).finish(),
    );
  return {
    /** Second `second` of the sensor's stream. */
    pcm: (sensorId: string, second: number, topic: TopicId = 'audio'): OutgoingRecord => {
      const samples = Float32Array.from({ length: RATE }, (_, i) => sampleAt(second * RATE + i));
      const data = Buffer.from(encodePcm(samples, 's16le'));
      const format = PcmFormat.PCM_FORMAT_S16LE;
      return frame(sensorId, second, RATE, { $case: 'pcm', value: { format, data } }, topic);
    },
    gap: (sensorId: string, second: number): OutgoingRecord =>
      frame(sensorId, second, RATE, { $case: 'gap', value: { reason: 'buffer' } }, 'audio'),
    /** Tenth `tenth` of the sensor's stream; each is the same sound. */
    flac: (sensorId: string, tenth: number): OutgoingRecord =>
      frame(sensorId, tenth, RATE / 10, { $case: 'flac', value: { data: Buffer.from(goldenFlac()) } }, 'audio'),
    /** sampleRateHz 0: of a sensor that measures levels itself. */
    levels: (sensorId: string, second: number, sampleRateHz: number, receivedUs = Date.now() * 1000): OutgoingRecord =>
      record(
        'levels',
        sensorId,
        SoundLevels.encode(
          SoundLevels.fromPartial({
            ...{ tenantId: 't1', sensorId, bootId: 'b1', secondIndex: second, durationMs: 1000, sampleRateHz },
            ...{ timeUs: anchorUs + second * 1e6, receivedTimeUs: receivedUs, laeqDb: -30, laf125msDb: [] },
          }),
        ).finish(),
      ),
    event: (sensorId: string, label: string, onsetS: number, offsetS: number, confidence: number): OutgoingRecord =>
      record(
        'events',
        sensorId,
        SoundEvent.encode(
          SoundEvent.fromPartial({
            ...{ id: eventId(sensorId, label), tenantId: 't1', sensorId, label, confidence, bootId: 'b1', revision: 2 },
            ...{ phase: EventPhase.EVENT_PHASE_CLOSE, modelId: 'm', modelVersion: '1', laeqDb: -30, laeqMaxDb: -20 },
            ...{ onsetUs: anchorUs + onsetS * 1e6, offsetUs: anchorUs + offsetS * 1e6 },
            receivedTimeUs: Date.now() * 1000,
          }),
        ).finish(),
      ),
  };
};

/** As event-detection makes them, with the slashes. */
export const eventId = (sensorId: string, label: string): string => `t1/${sensorId}/b1/m@1/${label}/1`;

/** Asks until the answer pleases; fails with the last one. */
export const eventually = async <T>(
  what: string,
  read: () => Promise<T>,
  pleases: (answer: T) => boolean,
): Promise<T> => {
  let last = await read();
  for (let tries = 0; tries < 300 && !pleases(last); tries += 1) {
    await pause(200);
    last = await read();
  }
  if (!pleases(last)) throw new Error(`Waited in vain for ${what}; last: ${JSON.stringify(last)}`);
  return last;
};
