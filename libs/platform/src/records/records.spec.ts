import { SoundActivity as ActivityMessage } from '@earshot/contracts';
import type { ScoredWindow, SoundActivity } from '@earshot/core/classification';
import { describe, expect, it } from '@jest/globals';
import { decodeActivity, decodeWindow, encodeActivity, encodeWindow } from './index.js';

const record = (value: Uint8Array | null, key = 't/s') => ({
  topic: 'earshot.activity.v1',
  partition: 0,
  kafkaOffset: 7,
  key,
  value,
  headers: {},
  timestampMs: 0,
});
const scored = {
  id: 't/s/b/m@1.0.0/5',
  tenantId: 't',
  sensorId: 's',
  bootId: 'b',
  timeUs: 1_700_000_003_000_000,
  modelId: 'm',
  modelVersion: '1.0.0',
  firstFrameIndex: 25,
  labels: ['dog', 'rain'],
  laeqDb: null,
  calibrationId: 'c1',
  discontinuity: false,
  receivedTimeUs: 1_700_000_004_000_000,
};
const activity: SoundActivity = { ...scored, stepMs: 100, steps: 2, probabilities: Uint8Array.of(0, 255, 51, 102) };
const window: ScoredWindow = { ...scored, windowMs: 2044, hopMs: 1000, probabilities: [0.25, 0.75] };
const changed = (change: Partial<ActivityMessage>) =>
  ActivityMessage.encode({ ...ActivityMessage.decode(encodeActivity(activity)), ...change }).finish();

describe('activity records', () => {
  it('come back as they went, silence as NaN', () => {
    expect(decodeActivity(record(encodeActivity(activity)))).toEqual({ kind: 'input', input: activity });
    expect(ActivityMessage.decode(encodeActivity(activity)).laeqDb).toBeNaN();
    const broken = { ...activity, discontinuity: true, steps: 0, labels: [], probabilities: new Uint8Array(0) };
    expect(decodeActivity(record(encodeActivity(broken)))).toEqual({ kind: 'input', input: broken });
  });

  it.each([
    ['no value', record(null)],
    ['key "x/s"', record(encodeActivity(activity), 'x/s')],
    ['2 steps of 0 ms', record(changed({ stepMs: 0 }))],
    ['0 steps of 100 ms', record(changed({ steps: 0 }))],
    ['4 probabilities: expected 6', record(changed({ steps: 3 }))],
  ])('are put aside when invalid: %s', (cause, given) => {
    expect(decodeActivity(given)).toEqual({ kind: 'dlq', reason: 'invalid', cause: expect.stringContaining(cause) });
  });
});

describe('classification records', () => {
  it('come back as they went', () => {
    expect(decodeWindow(record(encodeWindow(window)))).toEqual({ kind: 'input', input: window });
  });

  it.each([
    ['no value', record(null)],
    ['key "x/s"', record(encodeWindow(window), 'x/s')],
    ['probability 1.5 of dog', record(encodeWindow({ ...window, probabilities: [1.5, 0] }))],
    ['probability NaN', record(encodeWindow({ ...window, probabilities: [NaN, 0] }))],
  ])('are put aside when invalid: %s', (cause, given) => {
    expect(decodeWindow(given)).toEqual({ kind: 'dlq', reason: 'invalid', cause: expect.stringContaining(cause) });
  });
});
