import { checkChunkingLaw, checkReplayLaw } from '@earshot/testing/laws';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { STEP_FRAMES, type LogMelFrame, type RoleHistory, type ScoredSound } from './index.js';
import { recordsOf } from './test-records.js';
import { BOOT_US, classifier, keyOf, record, run, sequence, stageOf } from './test-streams.js';

const [a, b, c] = [sequence('a'), sequence('b', { blockFrames: 30, pastFrames: 0 }), sequence('c')];
const [m, n] = [classifier('m'), classifier('n', { frames: 12, hopFrames: 6 })];
const models = [a, b, c, m, n];
const seconds = (count: number): readonly LogMelFrame[] =>
  Array.from({ length: count }, (_, second) => record(second, second * 50, 50));
const atS = (second: number): number => BOOT_US + second * 1e6;

interface Told {
  readonly key: string;
  readonly role: string;
  readonly frame: number;
  readonly timeUs: number;
  readonly values: readonly number[];
}

/** Steps and windows, one by one. */
const toldBy = (outputs: readonly ScoredSound[], kind: ScoredSound['kind']): readonly Told[] =>
  outputs.flatMap((output): readonly Told[] => {
    if (output.kind !== kind) return [];
    if (output.kind === 'window') {
      const { modelId, modelVersion, firstFrameIndex, timeUs, probabilities, discontinuity } = output.window;
      const key = `${modelId}@${modelVersion}`;
      return discontinuity ? [] : [{ key, role: output.role, frame: firstFrameIndex, timeUs, values: probabilities }];
    }
    const { modelId, modelVersion, firstFrameIndex, timeUs, steps, labels, probabilities } = output.activity;
    return Array.from({ length: steps }, (_, step) => ({
      key: `${modelId}@${modelVersion}`,
      role: output.role,
      frame: firstFrameIndex + step * STEP_FRAMES,
      timeUs: timeUs + step * 100_000,
      values: Array.from(probabilities.subarray(step * labels.length, (step + 1) * labels.length)),
    }));
  });
const steps = async (history: RoleHistory, records: readonly LogMelFrame[]) =>
  toldBy((await run(stageOf(models, { 'audio-event-detection': history }), records)).outputs, 'activity');
const live = (told: readonly Told[]) => told.filter(({ role }) => role === 'live');
const of = (told: readonly Told[], model: { spec: { modelId: string } }) =>
  told.filter(({ key }) => key.startsWith(`${model.spec.modelId}@`));

describe('a promotion', () => {
  const history: RoleHistory = [
    { effectiveFromUs: 0, live: keyOf(a), shadow: [] },
    { effectiveFromUs: atS(1.5), live: keyOf(b), shadow: [keyOf(a)] },
  ];

  it('hands over at the first block of the new model that begins at or after it, without hole or overlap', async () => {
    const told = live(await steps(history, seconds(4)));
    expect(told.map(({ frame }) => frame)).toEqual(Array.from({ length: 40 }, (_, step) => step * STEP_FRAMES));
    // Blocks of 30 frames: the first one that begins at or after frame 75.
    expect(told.filter(({ key }) => key === keyOf(b)).map(({ frame }) => frame)[0]).toBe(90);
  });

  it('lets the new model begin as at the beginning of a stream', async () => {
    const [told, alone] = [await steps(history, seconds(4)), await run(stageOf([b]), seconds(4))];
    const first = of(told, b)[0];
    expect(first?.values[3]).toBe(91);
    expect(toldBy(alone.outputs, 'activity').find(({ frame }) => frame === 90)?.values[3]).toBe(
      (1 + 31 + 61 + 91) % 256,
    );
  });

  it('lets a model that was in shadow go on, and the one before it too', async () => {
    const shadowed: RoleHistory = [{ effectiveFromUs: 0, live: keyOf(a), shadow: [keyOf(c)] }];
    const promoted: RoleHistory = [...shadowed, { effectiveFromUs: atS(1.5), live: keyOf(c), shadow: [keyOf(a)] }];
    const values = (told: readonly Told[], model: typeof a) =>
      of(told, model).map(({ frame, values: found }) => [frame, ...found]);
    const [before, after] = [await steps(shadowed, seconds(4)), await steps(promoted, seconds(4))];
    expect(values(after, c)).toEqual(values(before, c));
    expect(values(after, a)).toEqual(values(before, a));
    expect(new Set(live(after).map(({ frame, key }) => `${key} ${frame < 80}`))).toEqual(
      new Set([`${keyOf(a)} true`, `${keyOf(c)} false`]),
    );
  });

  it('of a classifier gives every window to one model', async () => {
    const windows: RoleHistory = [
      { effectiveFromUs: 0, live: keyOf(m), shadow: [] },
      { effectiveFromUs: atS(0.5), live: keyOf(n), shadow: [] },
    ];
    const { outputs } = await run(stageOf(models, { 'audio-classification': windows }), [record(0, 0, 60)]);
    const told = toldBy(outputs, 'window');
    // 25 is the first frame at or after it, 30 the first window of the new model: until then the old one has its windows.
    expect(told.map(({ key, frame }) => [key, frame])).toEqual([
      ...[0, 4, 8, 12, 16, 20, 24, 28].map((frame) => [keyOf(m), frame]),
      ...[30, 36, 42, 48].map((frame) => [keyOf(n), frame]),
    ]);
  });

  it('that comes known too late still leaves no hole', async () => {
    // Known only after four seconds, though in force from 1.5 s on.
    const known: { history: RoleHistory } = { history: history.slice(0, 1) };
    const changing = stageOf(models, {
      get 'audio-event-detection'() {
        return known.history;
      },
    });
    let state = changing.init('t/s');
    const told: Told[] = [];
    for (const [index, one] of seconds(8).entries()) {
      known.history = index < 4 ? history.slice(0, 1) : history;
      let turn = changing.step(state, one);
      while (turn.kind === 'ask') turn = turn.answered(await changing.resolve(turn.queries));
      state = turn.state;
      if (turn.outcome.kind === 'emit') told.push(...toldBy(turn.outcome.values, 'activity'));
    }
    const frames = live(told).map(({ frame }) => frame);
    expect(frames).toEqual(frames.map((_, step) => step * STEP_FRAMES));
    expect(live(told).at(-1)?.key).toBe(keyOf(b));
  });
});

/** Histories with models coming, going and changing roles, some within one block of each other. */
const anyHistory = fc
  .array(
    fc.record({
      gapFrames: fc.integer({ min: 0, max: 60 }),
      live: fc.constantFrom(keyOf(a), keyOf(b), keyOf(c)),
      shadow: fc.subarray([keyOf(a), keyOf(b), keyOf(c)]),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((plans): RoleHistory => {
    let effectiveFromUs = BOOT_US;
    return plans.map(({ gapFrames, live: key, shadow }, index) => {
      effectiveFromUs += 20_000 * gapFrames + 7_000;
      return {
        effectiveFromUs: index === 0 ? 0 : effectiveFromUs,
        live: key,
        shadow: shadow.filter((one) => one !== key),
      };
    });
  });

describe('roles that change', () => {
  it('leave every step to exactly one live model, whatever the blocks', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        const frames = live(await steps(history, seconds(6))).map(({ frame }) => frame);
        expect(frames).toEqual(Array.from({ length: 60 }, (_, step) => step * STEP_FRAMES));
      }),
    );
  });

  it('do not change what a model says that is in force all the time', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, recordsOf(45), async (history, records) => {
        const always = history.map((picture) => ({
          ...picture,
          shadow: [...new Set([...picture.shadow, keyOf(a)])].filter((key) => key !== picture.live),
        }));
        const values = (told: readonly Told[]) => of(told, a).map(({ timeUs, values: found }) => [timeUs, ...found]);
        const alone = await steps([{ effectiveFromUs: 0, live: keyOf(a), shadow: [] }], records);
        expect(values(await steps(always, records))).toEqual(values(alone));
      }),
    );
  });

  const stage = stageOf(models, {
    'audio-event-detection': [
      { effectiveFromUs: 0, live: keyOf(a), shadow: [keyOf(b)] },
      { effectiveFromUs: atS(1.3), live: keyOf(b), shadow: [] },
      { effectiveFromUs: atS(2.1), live: keyOf(c), shadow: [keyOf(a)] },
    ],
    'audio-classification': [
      { effectiveFromUs: 0, live: keyOf(m), shadow: [] },
      { effectiveFromUs: atS(0.7), live: keyOf(n), shadow: [keyOf(m)] },
    ],
  });
  it('chunking never changes results', () => checkChunkingLaw(stage, recordsOf(45)));
  it('replay equals live', () => checkReplayLaw(stage, recordsOf(45)));
});
