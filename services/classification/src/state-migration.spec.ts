import { canonicalFrontEnd, createScoreStreams, type ScoredSound } from '@earshot/core/classification';
import { finishTurn } from '@earshot/core/stage';
import { describe, expect, it } from '@jest/globals';
import { migrateState } from './state-migration.js';

const T0 = 1_700_000_000_000_000;
const latest = {
  ...{ tenantId: 't', sensorId: 's', bootId: 'b', secondIndex: 7, timeUs: T0 + 7_000_000, firstFrameIndex: 350 },
  ...{ frameCount: 50, laeqDb: -30, calibrationId: '', receivedTimeUs: T0 },
};
/** As version 1 stored it. */
const stored = {
  ...{ bootId: 'b', previousBootId: 'a', lastSecondIndex: 7, lastTimeUs: latest.timeUs, lastBreakUs: null },
  stream: { latest, keptFrom: 325, kept: new Uint8Array(75 * 64), nextWindow: 325, windowCount: 13 },
};
const stage = createScoreStreams({
  frontEnd: canonicalFrontEnd,
  rolesOf: (task) => (task === 'audio-classification' ? [{ effectiveFromUs: 0, live: 'm@2.0.0', shadow: [] }] : []),
  model: () => ({
    spec: {
      task: 'audio-classification',
      ...{ modelId: 'm', modelVersion: '2.0.0', labels: ['dog'], window: { frames: 100, hopFrames: 50 } },
    },
    classifier: {
      predict: (windows) =>
        Promise.resolve(windows.map(() => ({ probabilities: Float32Array.of(0.5), embedding: new Float32Array(0) }))),
    },
  }),
});
const record = (secondIndex: number) => ({
  ...{ tenantId: 't', sensorId: 's', bootId: 'b', secondIndex, timeUs: T0 + secondIndex * 1e6 },
  ...{ frontEndId: canonicalFrontEnd.id, firstFrameIndex: secondIndex * 50, frameCount: 50 },
  ...{ frames: new Uint8Array(3200).fill(9), laeqDb: -30, calibrationId: '', discontinuity: false, receivedTimeUs: T0 },
});

describe('the state of version 1', () => {
  it('goes on without a break: models begin with the next record, and what was seen is not taken again', async () => {
    let state = migrateState(1, stored);
    const told: ScoredSound[] = [];
    const dropped: string[] = [];
    for (const second of [7, 8, 9, 10]) {
      const after = await finishTurn((queries) => stage.resolve(queries), stage.step(state, record(second)));
      state = after.state;
      if (after.outcome.kind === 'emit') told.push(...after.outcome.values);
      else dropped.push(after.outcome.reason);
    }
    expect(dropped).toEqual(['duplicate']);
    expect(told.map((one) => one.kind === 'window' && [one.window.firstFrameIndex, one.window.discontinuity])).toEqual([
      [400, false],
      [450, false],
    ]);
  });

  it('has no stream where none was open, and takes no other layout', () => {
    expect(migrateState(1, { ...stored, stream: null })).toMatchObject({ bootId: 'b', stream: null });
    expect(() => migrateState(7, stored)).toThrow('no state layout 7');
  });
});
