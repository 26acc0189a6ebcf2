import { Classification, EventPhase, SoundEvent as EventMessage } from '@earshot/contracts';
import type { SoundEvent } from '@earshot/core/detection';
import { describe, expect, it } from '@jest/globals';
import { decodeClassification, encodeEvent } from './messages.js';

const record = (value: Uint8Array | null, key = 't/s') => ({
  topic: 'earshot.classifications.v1',
  partition: 0,
  kafkaOffset: 7,
  key,
  value,
  headers: {},
  timestampMs: 0,
});
const message = (change: Parameters<typeof Classification.fromPartial>[0] = {}) =>
  Classification.encode(
    Classification.fromPartial({
      id: 'w',
      tenantId: 't',
      sensorId: 's',
      bootId: 'b',
      timeUs: 1_700_000_003_000_000,
      windowMs: 2044,
      hopMs: 500,
      modelId: 'm',
      modelVersion: '1.0.0',
      classes: [
        { label: 'dog', probability: 0.25 },
        { label: 'rain', probability: 0.5 },
      ],
      laeqDb: NaN,
      firstFrameIndex: 25,
      receivedTimeUs: 1_700_000_004_000_000,
      ...change,
    }),
  ).finish();

describe('decodeClassification', () => {
  it('gives the stage its window', () => {
    expect(decodeClassification(record(message()))).toEqual({
      kind: 'input',
      input: {
        id: 'w',
        tenantId: 't',
        sensorId: 's',
        bootId: 'b',
        timeUs: 1_700_000_003_000_000,
        windowMs: 2044,
        hopMs: 500,
        modelId: 'm',
        modelVersion: '1.0.0',
        labels: ['dog', 'rain'],
        probabilities: [0.25, 0.5],
        laeqDb: null,
        calibrationId: '',
        firstFrameIndex: 25,
        discontinuity: false,
        receivedTimeUs: 1_700_000_004_000_000,
      },
    });
  });

  it.each([
    ['no value', record(null)],
    ['key "x/s"', record(message(), 'x/s')],
    ['probability 1.5 of dog', record(message({ classes: [{ label: 'dog', probability: 1.5 }] }))],
    ['probability NaN', record(message({ classes: [{ label: 'dog', probability: NaN }] }))],
    ['window of 0 ms', record(message({ windowMs: 0 }))],
  ])('puts aside what is invalid: %s', (cause, given) => {
    expect(decodeClassification(given)).toEqual({
      kind: 'dlq',
      reason: 'invalid',
      cause: expect.stringContaining(cause),
    });
  });
});

describe('encodeEvent', () => {
  const event: SoundEvent = {
    id: 'e',
    tenantId: 't',
    sensorId: 's',
    bootId: 'b',
    phase: 'open',
    label: 'dog',
    onsetUs: 10,
    offsetUs: 20,
    confidence: 0.75,
    laeqDb: null,
    laeqMaxDb: -20.5,
    calibrationId: 'c1',
    modelId: 'm',
    modelVersion: '1.0.0',
    revision: 0,
    receivedTimeUs: 30,
  };

  it.each([
    ['open', EventPhase.EVENT_PHASE_OPEN],
    ['update', EventPhase.EVENT_PHASE_UPDATE],
    ['close', EventPhase.EVENT_PHASE_CLOSE],
  ] as const)('writes phase %s under the sensor, no energy as NaN', (phase, expected) => {
    const { topic, key, value } = encodeEvent('earshot')({ ...event, phase });
    expect([topic, key]).toEqual(['earshot.events.v1', 't/s']);
    expect(EventMessage.decode(value ?? new Uint8Array())).toEqual({ ...event, phase: expected, laeqDb: NaN });
  });
});
