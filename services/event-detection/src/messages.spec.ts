import { EventPhase, SoundEvent as EventMessage } from '@earshot/contracts';
import type { SoundEvent } from '@earshot/core/detection';
import { describe, expect, it } from '@jest/globals';
import { encodeEvent } from './messages.js';

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
