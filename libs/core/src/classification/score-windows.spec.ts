import { checkChunkingLaw, checkReplayLaw } from '@earshot/testing/laws';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalFrontEnd, type LogMelFrame, type ScoredSound, type ScoredWindow } from './index.js';
import { BOOT_US, broken, classifier, record, run, stageOf } from './test-streams.js';
import { anyRecords } from './test-records.js';

const BANDS = canonicalFrontEnd.melBands;
const stage = stageOf([classifier()]);
const windowsOf = (outputs: readonly ScoredSound[]): readonly ScoredWindow[] =>
  outputs.flatMap((output) => (output.kind === 'window' ? [output.window] : []));
const windows = async (records: readonly LogMelFrame[], options?: { flush: boolean }) =>
  windowsOf((await run(stage, records, options)).outputs);
const starts = (found: readonly ScoredWindow[]) =>
  found.map((window) => (window.discontinuity ? 'break' : window.firstFrameIndex));

describe('windows of a classifier', () => {
  it('are cut, aligned, across records and described', async () => {
    const found = await windows([record(0, 0, 8), record(1, 8, 7)]);
    expect(starts(found)).toEqual([0, 4]);
    expect(found[1]).toEqual({
      id: `t/s/b1/m@1.0.0/${BOOT_US + 80_000}`,
      tenantId: 't',
      sensorId: 's',
      bootId: 'b1',
      timeUs: BOOT_US + 80_000,
      windowMs: 244,
      hopMs: 80,
      modelId: 'm',
      modelVersion: '1.0.0',
      firstFrameIndex: 4,
      labels: ['dog', 'rain'],
      probabilities: [5 / 256, 14 / 256],
      laeqDb: -31,
      calibrationId: '',
      discontinuity: false,
      receivedTimeUs: BOOT_US + 1_000_005,
    });
  });

  it('span 2,044 ms every second with 100 frames every 50 of the canonical front end', async () => {
    const long = stageOf([classifier('m', { frames: 100, hopFrames: 50 })]);
    const { outputs } = await run(long, [record(0, 0, 200)]);
    expect(windowsOf(outputs).map(({ timeUs, windowMs, hopMs }) => [timeUs - BOOT_US, windowMs, hopMs])).toEqual([
      [0, 2044, 1000],
      [1_000_000, 2044, 1000],
      [2_000_000, 2044, 1000],
    ]);
  });

  it('break where the frames jump, start again or come from another boot, and stay aligned', async () => {
    const found = await windows([
      record(0, 0, 12),
      record(3, 22, 13),
      record(4, 0, 10, { timeUs: BOOT_US + 5_000_000 }),
      record(0, 0, 10, { bootId: 'b2' }),
    ]);
    expect(starts(found)).toEqual([0, 'break', 24, 'break', 0, 'break', 0]);
    const breaks = found.filter((window) => window.discontinuity);
    expect(breaks.map(({ bootId, timeUs }) => [bootId, timeUs - BOOT_US])).toEqual([
      ['b1', 240_000],
      ['b1', 700_000],
      ['b1', 5_200_000],
    ]);
    expect(breaks.every(({ labels, probabilities }) => labels.length + probabilities.length === 0)).toBe(true);
  });

  it('pass a discontinuity on once and start anew after it', async () => {
    const silent = broken(BOOT_US + 900_000, { bootId: '' });
    const records = [record(0, 0, 12), silent, silent, record(1, 0, 10, { timeUs: BOOT_US + 2_000_000 })];
    const { outputs, refused } = await run(stage, records);
    const found = windowsOf(outputs);
    expect(starts(found)).toEqual([0, 'break', 0]);
    expect(found[1]).toMatchObject({ bootId: 'b1', timeUs: BOOT_US + 900_000, laeqDb: null });
    expect(refused).toEqual(['drop duplicate']);
  });

  it('do not come twice when a record is sent twice', async () => {
    const records = [record(0, 0, 9), record(1, 9, 9), record(2, 18, 9)];
    const twice = await run(stage, [...records.slice(0, 2), ...records]);
    expect(twice.outputs).toEqual((await run(stage, records)).outputs);
    expect(twice.refused).toEqual(['drop duplicate', 'drop duplicate']);
  });

  it('come from every part of a second that a gap cuts', async () => {
    const { outputs, refused } = await run(stage, [
      record(5, 0, 10),
      broken(BOOT_US + 300_000, { secondIndex: 5 }),
      record(5, 0, 11, { timeUs: BOOT_US + 400_000 }),
      record(6, 11, 3, { timeUs: BOOT_US + 620_000 }),
    ]);
    expect(starts(windowsOf(outputs))).toEqual([0, 'break', 0, 4]);
    expect(refused).toEqual([]);
  });

  it('leave out what still comes from the boot before', async () => {
    const { outputs, refused } = await run(stage, [
      record(0, 0, 10),
      record(0, 0, 10, { bootId: 'b2' }),
      record(1, 10, 10),
      record(1, 10, 4, { bootId: 'b2' }),
    ]);
    expect(starts(windowsOf(outputs))).toEqual([0, 'break', 0, 4]);
    expect(refused).toEqual(['drop late']);
  });

  it('refuse another front end and codes that do not fit the frame count', async () => {
    const { refused } = await run(stage, [
      record(0, 0, 12, { frontEndId: 'logmel-8k' }),
      record(1, 0, 12, { frames: new Uint8Array(5) }),
    ]);
    expect(refused).toEqual(['dlq unsupported', 'dlq invalid']);
  });

  it('without sound are not shown to the model', async () => {
    const deaf = { ...classifier(), classifier: { predict: () => Promise.reject(new Error('asked')) } };
    const { outputs } = await run(stageOf([deaf]), [record(0, 0, 10, { frames: new Uint8Array(10 * BANDS) })]);
    expect(windowsOf(outputs)).toMatchObject([{ firstFrameIndex: 0, probabilities: [0, 0] }]);
  });

  it('are whole, also at the end of the input', async () => {
    expect(await windows([record(0, 0, 3)])).toEqual([]);
    expect(starts(await windows([record(0, 0, 13)]))).toEqual([0]);
  });
});

describe('laws of scoring windows', () => {
  it('chunking never changes results', () => checkChunkingLaw(stage, anyRecords));
  it('replay equals live', () => checkReplayLaw(stage, anyRecords));

  it('every window has an id of its own and the frames that it says', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecords, async (records) => {
        const found = (await windows(records)).filter((window) => !window.discontinuity);
        expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
        for (const window of found) {
          expect(window.firstFrameIndex % 4).toBe(0);
          expect(window.probabilities[0]).toBe((1 + (window.firstFrameIndex % 255)) / 256);
        }
      }),
    );
  });
});
