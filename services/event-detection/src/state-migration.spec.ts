import { createDetectEvents, defaultDetectionRule } from '@earshot/core/detection';
import { describe, expect, it } from '@jest/globals';
import { migrateState } from './state-migration.js';

/** As version 1 stored it, with a dog that barks. */
const stored = {
  latest: {
    id: 'w',
    tenantId: 't',
    sensorId: 's',
    bootId: 'b',
    timeUs: 1_000_000,
    windowMs: 2044,
    hopMs: 500,
    modelId: 'esc10-cnn',
    modelVersion: '1.0.0',
    firstFrameIndex: 50,
    laeqDb: -30,
    calibrationId: '',
    discontinuity: false,
    receivedTimeUs: 3_000_000,
  },
  seen: { bootId: 'b', timeUs: 1_000_000 },
  previousBootId: 'a',
  recent: [{ endUs: 3_044_000, laeqDb: -30 }],
  fresh: false,
  spans: [
    {
      label: 'dog',
      onsetUs: 500_000,
      evidenceToUs: 2_272_000,
      active: true,
      confidence: 0.8,
      levels: { energy: 0.001, count: 1, maxDb: -30 },
      gapLevels: { energy: 0, count: 0, maxDb: null },
      nextRevision: 1,
      reportedToUs: 2_272_000,
    },
  ],
};

describe('the state of version 1', () => {
  it('keeps open events, which the first steps close under their id', () => {
    const stage = createDetectEvents({ ruleFor: () => defaultDetectionRule, updateEveryS: 5, floorDb: null });
    const { state, outcomes } = stage.step(migrateState(1, stored), [
      {
        ...{ id: 'a', tenantId: 't', sensorId: 's', bootId: 'b', timeUs: 3_000_000, stepMs: 100, steps: 1 },
        ...{ modelId: 'esc10-crnn', modelVersion: '1.0.0', firstFrameIndex: 150, labels: ['dog'] },
        ...{ probabilities: Uint8Array.of(250), laeqDb: -30, calibrationId: '', discontinuity: false },
        receivedTimeUs: 4_000_000,
      },
    ]);
    expect(outcomes).toEqual([
      {
        kind: 'emit',
        values: [
          expect.objectContaining({
            id: 't/s/b/esc10-cnn@1.0.0/dog/500000',
            phase: 'close',
            offsetUs: 2_272_000,
            revision: 1,
            modelId: 'esc10-cnn',
          }),
        ],
      },
    ]);
    expect(state.stream?.modelId).toBe('esc10-crnn');
    expect(state.previousBootId).toBe('a');
  });

  it('starts anew where nothing was heard, and takes no other layout', () => {
    expect(migrateState(1, { ...stored, latest: null, spans: [] })).toMatchObject({ stream: null, spans: [] });
    expect(() => migrateState(7, stored)).toThrow('no state layout 7');
  });
});
