import { checkChunkingLaw, checkReplayLaw } from '@earshot/testing/laws';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalFrontEnd,
  createClassifyWindows,
  type Classifier,
  type LogMelFrame,
  type ScoredWindow,
} from './index.js';

const BANDS = canonicalFrontEnd.melBands;
const config = {
  frontEnd: canonicalFrontEnd,
  window: { frames: 10, hopFrames: 4 },
  labels: ['dog', 'rain'],
  modelId: 'm',
  modelVersion: '1.0.0',
};

/** Probabilities that name the window's first and last code, so that a wrong cut shows. */
const classifier: Classifier = {
  predict: (windows) =>
    Promise.resolve(
      windows.map((codes) => ({
        probabilities: Float32Array.of((codes[0] ?? 0) / 256, (codes.at(-1) ?? 0) / 256),
        embedding: Float32Array.of(codes.length),
      })),
    ),
};
const stage = createClassifyWindows(config, classifier);

const BOOT_US = 1_700_000_000_000_000;
const record = (
  secondIndex: number,
  firstFrameIndex: number,
  frameCount: number,
  change: Partial<LogMelFrame> = {},
) => ({
  tenantId: 't',
  sensorId: 's',
  bootId: 'b1',
  secondIndex,
  timeUs: BOOT_US + firstFrameIndex * 20_000,
  frontEndId: canonicalFrontEnd.id,
  firstFrameIndex,
  frameCount,
  frames: Uint8Array.from(
    { length: frameCount * BANDS },
    (_, i) => 1 + ((firstFrameIndex + Math.floor(i / BANDS)) % 255),
  ),
  laeqDb: -30 - secondIndex,
  calibrationId: '',
  discontinuity: false,
  receivedTimeUs: BOOT_US + secondIndex * 1_000_000 + 5,
  ...change,
});
const broken = (timeUs: number, change: Partial<LogMelFrame> = {}) =>
  record(0, 0, 0, { timeUs, discontinuity: true, laeqDb: null, ...change });

/** Runs the stage over chunks as the runner does, flush included: what comes out, in order. */
const run = async (chunks: readonly (readonly LogMelFrame[])[], { flush = true } = {}) => {
  let state = stage.init('t/s');
  const outputs: ScoredWindow[] = [];
  const refused: string[] = [];
  const ask = async (queries: Parameters<typeof stage.resolve>[0]) => {
    const answers = await stage.resolve(queries);
    queries.forEach((query, i) => outputs.push(...stage.interpret(query, answers[i] ?? null)));
  };
  for (const chunk of chunks) {
    const step = stage.prepare(structuredClone(state), chunk);
    state = step.state;
    for (const prepared of step.prepared) {
      if (prepared.kind === 'ask') await ask(prepared.queries);
      else if (prepared.outcome.kind === 'emit') outputs.push(...prepared.outcome.values);
      else refused.push(`${prepared.outcome.kind} ${prepared.outcome.reason}`);
    }
  }
  if (flush) await ask(stage.flush(state));
  return { outputs, refused };
};
const starts = (outputs: readonly ScoredWindow[]) =>
  outputs.map((output) => (output.discontinuity ? 'break' : output.firstFrameIndex));

describe('createClassifyWindows', () => {
  it('cuts aligned windows across records and describes them', async () => {
    const { outputs } = await run([[record(0, 0, 8), record(1, 8, 7)]]);
    expect(starts(outputs)).toEqual([0, 4]);
    expect(outputs[1]).toEqual({
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

  it('spans 2,044 ms every 500 ms with 100 frames every 25 of the canonical front end', async () => {
    const long = createClassifyWindows({ ...config, window: { frames: 100, hopFrames: 25 } }, classifier);
    const { prepared } = long.prepare(long.init('t/s'), [record(0, 0, 100)]);
    const queries = prepared.flatMap((each) => (each.kind === 'ask' ? each.queries : []));
    expect(queries.map(({ scored }) => [scored.windowMs, scored.hopMs])).toEqual([[2044, 500]]);
    expect(await long.resolve(queries)).toHaveLength(1);
  });

  it('breaks where the frames jump, start again or come from another boot, and stays aligned', async () => {
    const { outputs } = await run([
      [
        record(0, 0, 12),
        record(3, 22, 13),
        record(4, 0, 10, { timeUs: BOOT_US + 5_000_000 }),
        record(0, 0, 10, { bootId: 'b2' }),
      ],
    ]);
    expect(starts(outputs)).toEqual([0, 'break', 24, 'break', 0, 'break', 0]);
    const breaks = outputs.filter((output) => output.discontinuity);
    expect(breaks.map(({ bootId, timeUs }) => [bootId, timeUs - BOOT_US])).toEqual([
      ['b1', 240_000],
      ['b1', 700_000],
      ['b1', 5_200_000],
    ]);
    expect(breaks.every(({ labels, probabilities }) => labels.length + probabilities.length === 0)).toBe(true);
  });

  it('passes a discontinuity on once and starts anew after it', async () => {
    const silent = broken(BOOT_US + 900_000, { bootId: '' });
    const { outputs, refused } = await run([
      [record(0, 0, 12), silent, silent, record(1, 0, 10, { timeUs: BOOT_US + 2_000_000 })],
    ]);
    expect(starts(outputs)).toEqual([0, 'break', 0]);
    expect(outputs[1]).toMatchObject({ bootId: 'b1', timeUs: BOOT_US + 900_000, laeqDb: null });
    expect(refused).toEqual(['drop duplicate']);
  });

  it('drops seconds that it has seen, so that a record sent twice changes nothing', async () => {
    const records = [record(0, 0, 9), record(1, 9, 9), record(2, 18, 9)];
    const once = await run([records]);
    const twice = await run([[...records.slice(0, 2), ...records]]);
    expect(twice.outputs).toEqual(once.outputs);
    expect(twice.refused).toEqual(['drop duplicate', 'drop duplicate']);
  });

  it('takes every part of a second that a gap cuts', async () => {
    const { outputs, refused } = await run([
      [
        record(5, 0, 10),
        broken(BOOT_US + 300_000, { secondIndex: 5 }),
        record(5, 0, 11, { timeUs: BOOT_US + 400_000 }),
        record(6, 11, 3, { timeUs: BOOT_US + 620_000 }),
      ],
    ]);
    expect(starts(outputs)).toEqual([0, 'break', 0, 4]);
    expect(refused).toEqual([]);
  });

  it('drops what still comes from the boot before', async () => {
    const { outputs, refused } = await run([
      [record(0, 0, 10), record(0, 0, 10, { bootId: 'b2' }), record(1, 10, 10), record(1, 10, 4, { bootId: 'b2' })],
    ]);
    expect(starts(outputs)).toEqual([0, 'break', 0, 4]);
    expect(refused).toEqual(['drop late']);
  });

  it('refuses another front end and codes that do not fit the frame count', async () => {
    const { refused } = await run([
      [record(0, 0, 12, { frontEndId: 'logmel-8k' }), record(1, 0, 12, { frames: new Uint8Array(5) })],
    ]);
    expect(refused).toEqual(['dlq unsupported', 'dlq invalid']);
  });

  it('does not ask the model about a window without sound', async () => {
    const deaf = createClassifyWindows(config, { predict: () => Promise.reject(new Error('asked')) });
    const { prepared } = deaf.prepare(deaf.init('t/s'), [record(0, 0, 10, { frames: new Uint8Array(10 * BANDS) })]);
    const queries = prepared.flatMap((each) => (each.kind === 'ask' ? each.queries : []));
    const answers = await deaf.resolve(queries);
    expect(queries.flatMap((query, i) => deaf.interpret(query, answers[i] ?? null))).toMatchObject([
      { firstFrameIndex: 0, probabilities: [0, 0] },
    ]);
  });

  it('pads one window at the end of an input too short for one, and none else', async () => {
    const short = await run([[record(0, 0, 3)]]);
    expect(short.outputs).toMatchObject([{ firstFrameIndex: 0, timeUs: BOOT_US, probabilities: [1 / 256, 0] }]);
    expect(starts((await run([[record(0, 0, 13)]])).outputs)).toEqual([0]);
    expect((await run([[record(0, 0, 0)]])).outputs).toEqual([]);
    expect((await run([[record(0, 0, 3)]], { flush: false })).outputs).toEqual([]);
  });
});

/** Streams with odd record sizes, jumps, breaks, boots and repetitions. */
const anyRecords = fc
  .array(
    fc.record({
      frames: fc.integer({ min: 0, max: 14 }),
      turn: fc.constantFrom('on', 'on', 'on', 'on', 'jump', 'zero', 'break', 'boot', 'repeat'),
    }),
    { maxLength: 25 },
  )
  .map((plans) => {
    const records: LogMelFrame[] = [];
    let [boot, frame, timeUs] = [1, 0, BOOT_US];
    plans.forEach(({ frames, turn }, second) => {
      const last = records.at(-1);
      if (turn === 'repeat' && last !== undefined) return records.push(last);
      if (turn === 'break') records.push(broken(timeUs, { bootId: '' }));
      if (turn === 'boot') boot += 1;
      if (turn === 'jump') [frame, timeUs] = [frame + frames, timeUs + frames * 20_000];
      if (turn === 'boot' || turn === 'zero' || turn === 'break') [frame, timeUs] = [0, timeUs + 1_000_000];
      records.push(record(second, frame, frames, { bootId: `b${boot}`, timeUs }));
      [frame, timeUs] = [frame + frames, timeUs + frames * 20_000];
      return undefined;
    });
    return records;
  });

describe('laws of createClassifyWindows', () => {
  it('chunking never changes results', () => checkChunkingLaw(stage, anyRecords));
  it('replay equals live', () => checkReplayLaw(stage, anyRecords));

  it('gives every window an id of its own and the frames that it says', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecords, async (records) => {
        const { outputs } = await run([records]);
        const windows = outputs.filter((output) => !output.discontinuity);
        expect(new Set(windows.map(({ id }) => id)).size).toBe(windows.length);
        for (const window of windows) {
          expect(window.firstFrameIndex % 4).toBe(0);
          expect(window.probabilities[0]).toBe((1 + (window.firstFrameIndex % 255)) / 256);
        }
      }),
    );
  });
});
