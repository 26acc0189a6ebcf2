import { Classification, EventPhase, SoundEvent, SoundLevels } from '@earshot/contracts';
import type { IncomingRecord } from '@earshot/platform/kafka';

/** A Kafka record around a message, for tests. */
export const recordOf = (topic: string, kafkaOffset: number, value: Uint8Array, partition = 0): IncomingRecord => ({
  topic,
  partition,
  kafkaOffset,
  key: 'k',
  value,
  headers: {},
  timestampMs: 1_763_800_000_000,
});

export const levelsOf = (changes: Partial<SoundLevels>): SoundLevels => ({
  ...SoundLevels.fromPartial({
    tenantId: 't1',
    sensorId: 's1',
    bootId: 'b1',
    durationMs: 1000,
    sampleRateHz: 32_000,
    laeqDb: -30,
    lceqDb: -28,
    lzeqDb: -27,
    lafmaxDb: -25,
    lcpeakDb: -10,
    laf125msDb: [-30, -30, -30, -30, -30, -30, -30, -30],
    laeq125msDb: [-30, -30, -30, -30, -30, -30, -30, -30],
    thirdOctaveDb: [-50, Number.NaN],
  }),
  ...changes,
});

export const classificationOf = (changes: Partial<Classification>): Classification => ({
  ...Classification.fromPartial({
    tenantId: 't1',
    sensorId: 's1',
    bootId: 'b1',
    windowMs: 2000,
    hopMs: 500,
    modelId: 'm',
    modelVersion: '1',
    laeqDb: -30,
  }),
  ...changes,
});

export const eventOf = (changes: Partial<SoundEvent>): SoundEvent => ({
  ...SoundEvent.fromPartial({
    tenantId: 't1',
    sensorId: 's1',
    bootId: 'b1',
    phase: EventPhase.EVENT_PHASE_CLOSE,
    label: 'dog',
    confidence: 0.9,
    laeqDb: -30,
    laeqMaxDb: -20,
  }),
  ...changes,
});
