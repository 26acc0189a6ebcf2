import { checkChunkingLaw, checkReplayLaw } from '@earshot/testing/laws';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalFrontEnd,
  probabilityCode,
  STEP_FRAMES,
  type LogMelFrame,
  type ScoredSound,
  type SoundActivity,
} from './index.js';
import { recordsOf } from './test-records.js';
import { BOOT_US, broken, record, run, sequence, stageOf } from './test-streams.js';

const BANDS = canonicalFrontEnd.melBands;
const model = sequence();
const stage = stageOf([model]);
const activityOf = (outputs: readonly ScoredSound[]): readonly SoundActivity[] =>
  outputs.flatMap((output) => (output.kind === 'activity' ? [output.activity] : []));
const activity = async (records: readonly LogMelFrame[], options?: { flush: boolean }) =>
  activityOf((await run(stage, records, options)).outputs);
const shape = (found: readonly SoundActivity[]) =>
  found.map((one) => (one.discontinuity ? 'break' : [one.firstFrameIndex, one.steps]));

describe('blocks of a sequence model', () => {
  it('wait for the frames after them, and are described', async () => {
    expect(await activity([record(0, 0, 25)], { flush: false })).toEqual([]);
    const found = await activity([record(0, 0, 25), record(1, 25, 25)], { flush: false });
    expect(shape(found)).toEqual([
      [0, 4],
      [20, 4],
    ]);
    expect(found[1]).toEqual({
      id: `t/s/b1/q@1.0.0/${BOOT_US + 400_000}`,
      tenantId: 't',
      sensorId: 's',
      bootId: 'b1',
      timeUs: BOOT_US + 400_000,
      stepMs: 100,
      steps: 4,
      modelId: 'q',
      modelVersion: '1.0.0',
      firstFrameIndex: 20,
      labels: ['first', 'step', 'last', 'sum'],
      // First frame shown: 20 - 7; last: 20 + 20 + 6 - 1; blocks began with codes 1 and 21.
      probabilities: Uint8Array.from([14, 21, 46, 22, 14, 26, 46, 22, 14, 31, 46, 22, 14, 36, 46, 22]),
      laeqDb: -31,
      calibrationId: '',
      discontinuity: false,
      receivedTimeUs: BOOT_US + 1_000_005,
    });
  });

  it('told at a break are what is left, in whole steps, before the break', async () => {
    const found = await activity([record(0, 0, 39), broken(BOOT_US + 780_000), record(1, 0, 12)]);
    expect(shape(found)).toEqual([[0, 4], [20, 3], 'break', [0, 2]]);
    expect(found[2]).toMatchObject({ id: `t/s/b1/q@1.0.0/${BOOT_US + 780_000}/break`, steps: 0, laeqDb: null });
  });

  it('begin anew at a jump, with frames of the new stream alone and no state', async () => {
    const found = await activity([record(0, 0, 26), record(2, 51, 40)]);
    expect(shape(found)).toEqual([[0, 4], [20, 1], 'break', [60, 4], [80, 2]]);
    // The stream begins with frame 51: of the seven frames before 60 it has all, and before 80 as well; the sum begins anew.
    expect(Array.from(found[3]?.probabilities.subarray(0, 4) ?? [])).toEqual([54, 61, 86, 61]);
  });

  it('without any sound are shown all the same: the state is moved by them', async () => {
    const quiet = { frames: new Uint8Array(26 * BANDS) };
    const shown: number[] = [];
    const counting = {
      ...model,
      sequence: {
        predict: (blocks: Parameters<typeof model.sequence.predict>[0]) => {
          shown.push(blocks.length);
          return model.sequence.predict(blocks);
        },
      },
    };
    await run(stageOf([counting]), [record(0, 0, 26, quiet)], { flush: false });
    expect(shown).toEqual([1]);
  });
});

/** What the model gives over the whole of each stream, computed without a stage. */
const offline = async (records: readonly LogMelFrame[]) => {
  const streams: { timeUs: number; from: number; codes: number[] }[] = [];
  let [boot, last, open] = ['', -1, false];
  let previous = '';
  let secondUs = [-1, -1];
  for (const one of records) {
    if (one.discontinuity) {
      open = false;
      continue;
    }
    if (one.bootId === previous) continue;
    const there =
      one.bootId === boot &&
      (one.secondIndex < (secondUs[0] ?? 0) || (one.secondIndex === secondUs[0] && one.timeUs <= (secondUs[1] ?? 0)));
    if (there) continue;
    const stream = streams.at(-1);
    // Of a stream without a frame nothing goes on: its time is that of the first record with one.
    const heard = stream !== undefined && stream.codes.length > 0;
    const goesOn = open && heard && boot === one.bootId && one.firstFrameIndex === last;
    const codes = Array.from({ length: one.frameCount }, (_, i) => one.frames[i * BANDS] ?? NaN);
    if (goesOn) stream.codes.push(...codes);
    else streams.push({ timeUs: one.timeUs - one.firstFrameIndex * 20_000, from: one.firstFrameIndex, codes });
    if (one.bootId !== boot) previous = boot;
    [boot, last, open] = [one.bootId, one.firstFrameIndex + one.frameCount, true];
    secondUs = [one.secondIndex, one.timeUs];
  }
  const { blockFrames, pastFrames, futureFrames } = model.spec.sequence;
  const steps: (readonly [number, readonly number[]])[] = [];
  for (const { timeUs, from, codes } of streams) {
    let state = new Float32Array(model.spec.stateSize);
    const end = from + codes.length;
    for (let block = Math.ceil(from / blockFrames) * blockFrames; block < end; block += blockFrames) {
      const view = Array.from({ length: pastFrames + blockFrames + futureFrames }, (_, i) => {
        const frame = block - pastFrames + i;
        return Array<number>(BANDS).fill(frame < from || frame >= end ? 0 : (codes[frame - from] ?? NaN));
      });
      const [given] = await model.sequence.predict([{ codes: Uint8Array.from(view.flat()), state }]);
      state = Float32Array.from(given?.state ?? []);
      const whole = Math.floor(Math.min(blockFrames, end - block) / STEP_FRAMES);
      for (let step = 0; step < whole; step += 1)
        steps.push([
          timeUs + (block + step * STEP_FRAMES) * 20_000,
          Array.from(given?.probabilities.subarray(step * 4, step * 4 + 4) ?? [], probabilityCode),
        ]);
    }
  }
  return steps;
};

describe('laws of scoring blocks', () => {
  const anyRecords = recordsOf(45);

  it('chunking never changes results', () => checkChunkingLaw(stage, anyRecords));
  it('replay equals live', () => checkReplayLaw(stage, anyRecords));

  it('a stream gives, step by step, what the model gives over the whole of it', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecords, async (records) => {
        const found = (await activity(records)).flatMap(({ timeUs, steps, probabilities }) =>
          Array.from({ length: steps }, (_, step) => [
            timeUs + step * 100_000,
            Array.from(probabilities.subarray(step * 4, step * 4 + 4)),
          ]),
        );
        expect(found).toEqual(await offline(records));
      }),
    );
  });
});
