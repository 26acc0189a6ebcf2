import { LogMelFrame, SoundLevels } from '@earshot/contracts';
import { canonicalFrontEnd, type ScoredWindow, type SoundActivity } from '@earshot/core/classification';
import { describe, expect, it } from '@jest/globals';
import { decodeFeatures, encodeScored } from './messages.js';

const record = (value: Uint8Array | null, key = 't/s') => ({
  topic: 'earshot.features.v1',
  partition: 0,
  kafkaOffset: 7,
  key,
  value,
  headers: {},
  timestampMs: 0,
});
const message = (change: Parameters<typeof LogMelFrame.fromPartial>[0] = {}) =>
  LogMelFrame.encode(
    LogMelFrame.fromPartial({
      tenantId: 't',
      sensorId: 's',
      bootId: 'b',
      secondIndex: 3,
      timeUs: 1_700_000_003_000_000,
      frontEndId: canonicalFrontEnd.id,
      firstFrameIndex: 147,
      frameCount: 2,
      melBands: 64,
      logMel: Buffer.alloc(128, 9),
      levels: SoundLevels.fromPartial({ laeqDb: 51.5, calibrationId: 'c1' }),
      receivedTimeUs: 1_700_000_004_000_000,
      ...change,
    }),
  ).finish();

describe('decodeFeatures', () => {
  it('gives the stage its frame, with the level of the same second', () => {
    expect(decodeFeatures(record(message()))).toEqual({
      kind: 'input',
      input: {
        tenantId: 't',
        sensorId: 's',
        bootId: 'b',
        secondIndex: 3,
        timeUs: 1_700_000_003_000_000,
        frontEndId: canonicalFrontEnd.id,
        firstFrameIndex: 147,
        frameCount: 2,
        frames: expect.objectContaining({ length: 128 }),
        laeqDb: 51.5,
        calibrationId: 'c1',
        discontinuity: false,
        receivedTimeUs: 1_700_000_004_000_000,
      },
    });
  });

  it('takes a level without energy and a missing one for none', () => {
    for (const levels of [SoundLevels.fromPartial({ laeqDb: NaN }), undefined])
      expect(decodeFeatures(record(message({ levels })))).toMatchObject({ input: { laeqDb: null } });
  });

  it.each([
    ['invalid', 'no value', record(null)],
    ['invalid', 'key "t/other"', record(message(), 't/other')],
    ['unsupported', '40 mel bands', record(message({ melBands: 40 }))],
  ])('puts what is %s aside: %s', (reason, cause, given) => {
    expect(decodeFeatures(given)).toEqual({ kind: 'dlq', reason, cause: expect.stringContaining(cause) });
  });

  it('takes a break, which has no frames', () => {
    const value = message({ discontinuity: true, frameCount: 0, melBands: 0, logMel: Buffer.alloc(0) });
    expect(decodeFeatures(record(value))).toMatchObject({ kind: 'input', input: { discontinuity: true } });
  });
});

const scored = {
  ...{
    id: 't/s/b/m@1.0.0/5',
    tenantId: 't',
    sensorId: 's',
    bootId: 'b',
    timeUs: 5,
    modelId: 'm',
    modelVersion: '1.0.0',
  },
  ...{ firstFrameIndex: 25, labels: ['dog', 'rain'], laeqDb: null, calibrationId: '', discontinuity: false },
  receivedTimeUs: 6,
};
const window: ScoredWindow = { ...scored, windowMs: 2044, hopMs: 500, probabilities: [0.25, 0.75] };
const activity: SoundActivity = { ...scored, stepMs: 100, steps: 1, probabilities: Uint8Array.of(64, 191) };

describe('encodeScored', () => {
  it.each([
    ['live', 'earshot.classifications.v1', 'earshot.activity.v1'],
    ['shadow', 'earshot.classifications-shadow.v1', 'earshot.activity-shadow.v1'],
  ] as const)('writes what is %s under its sensor, to a topic of its own', (role, windows, steps) => {
    const route = encodeScored('earshot');
    expect(route({ kind: 'window', role, window })).toMatchObject({ topic: windows, key: 't/s' });
    expect(route({ kind: 'activity', role, activity })).toMatchObject({ topic: steps, key: 't/s' });
  });
});
