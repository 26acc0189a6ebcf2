import { checkChunkingLaw, checkReplayLaw } from '@earshot/testing/laws';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { probabilityCode, type SoundActivity } from '../classification/index.js';
import { emitted, runStage } from '../stage/index.js';
import { createDetectEvents, type DetectionRule, type SoundEvent } from './index.js';

const rule: DetectionRule = {
  medianSteps: 1,
  onThreshold: 0.5,
  offThreshold: 0.3,
  minDurationS: 0.2,
  mergeGapS: 0,
  perLabel: {},
};
const stageWith = (change: Partial<DetectionRule> = {}, more: { updateEveryS?: number; floorDb?: number } = {}) =>
  createDetectEvents({ ruleFor: () => ({ ...rule, ...change }), updateEveryS: 5, floorDb: null, ...more });

const T0 = 1_700_000_000_000_000;
const STEP_US = 100_000;

/** Steps of one activity, each with the probabilities of all labels. */
const activity = (
  first: number,
  steps: readonly (readonly number[])[],
  change: Partial<SoundActivity> = {},
): SoundActivity => ({
  id: `a${first}`,
  tenantId: 't',
  sensorId: 's',
  bootId: 'b1',
  timeUs: T0 + first * STEP_US,
  stepMs: 100,
  steps: steps.length,
  modelId: 'm',
  modelVersion: '1.0.0',
  firstFrameIndex: first * 5,
  labels: (steps[0] ?? []).map((_, i) => `label${i}`),
  probabilities: Uint8Array.from(steps.flat(), probabilityCode),
  laeqDb: -30,
  calibrationId: '',
  discontinuity: false,
  receivedTimeUs: T0 + (first + steps.length) * STEP_US,
  ...change,
});
const breakAt = (timeUs: number): SoundActivity =>
  activity(0, [], { timeUs, bootId: '', laeqDb: null, discontinuity: true });
/** One label; cut into activities of up to `size` steps. */
const told = (probabilities: readonly number[], size = 4, change: Partial<SoundActivity> = {}) =>
  Array.from({ length: Math.ceil(probabilities.length / size) }, (_, i) =>
    activity(
      i * size,
      probabilities.slice(i * size, (i + 1) * size).map((p) => [p]),
      change,
    ),
  );

/** What comes out without the end of the input. */
const live = (stage: ReturnType<typeof stageWith>, inputs: readonly SoundActivity[]) =>
  emitted(stage.step(stage.init('t/s'), inputs).outcomes);
const phases = (events: readonly SoundEvent[]) => events.map(({ phase, revision }) => `${phase} ${revision}`);
const inSteps = ({ onsetUs, offsetUs }: SoundEvent) => [onsetUs, offsetUs].map((timeUs) => (timeUs - T0) / STEP_US);
const closed = (events: readonly SoundEvent[]) => events.filter(({ phase }) => phase === 'close');

describe('createDetectEvents', () => {
  it('opens with the first step at the on threshold and lasts to the last one at the off threshold', () => {
    const events = live(stageWith(), told([0.1, 0.6, 0.4, 0.9, 0.29, 0.1]));
    expect(phases(events)).toEqual(['open 0', 'close 1']);
    expect(events.map(inSteps)).toEqual([
      [1, 3],
      [1, 4],
    ]);
    expect(events[1]).toEqual({
      id: `t/s/b1/m@1.0.0/label0/${T0 + STEP_US}`,
      tenantId: 't',
      sensorId: 's',
      bootId: 'b1',
      phase: 'close',
      label: 'label0',
      onsetUs: T0 + STEP_US,
      offsetUs: T0 + 4 * STEP_US,
      confidence: expect.closeTo(0.9, 2),
      laeqDb: expect.closeTo(-30, 9),
      laeqMaxDb: -30,
      calibrationId: '',
      modelId: 'm',
      modelVersion: '1.0.0',
      revision: 1,
      receivedTimeUs: T0 + 6 * STEP_US,
    });
    expect(events[0]?.id).toBe(events[1]?.id);
  });

  it('takes the median of the steps around each: a flicker is nothing, a drop-out is bridged', () => {
    const flicker = [0, 0, 0.9, 0, 0, 0, 0.9, 0.9, 0, 0.9, 0.9, 0, 0, 0];
    expect(closed(live(stageWith({ medianSteps: 3 }), told(flicker))).map(inSteps)).toEqual([[6, 11]]);
    expect(closed(live(stageWith({ medianSteps: 1, minDurationS: 0.1 }), told(flicker))).map(inSteps)).toEqual([
      [2, 3],
      [6, 8],
      [9, 11],
    ]);
  });

  it('smooths each label by its own rule, and decides on the last steps when the stream ends', () => {
    const stage = stageWith({ perLabel: { label1: { medianSteps: 5 } } });
    const both = [0, 0.9, 0.9, 0, 0.9, 0.9].map((p) => [p, p]);
    expect(
      closed(runStage(stage, 't/s', [activity(0, both)])).map((event) => [event.label, ...inSteps(event)]),
    ).toEqual([
      ['label0', 1, 3],
      ['label0', 4, 6],
      ['label1', 2, 5],
    ]);
  });

  it('says nothing of what is too short, and opens what becomes long enough when it does', () => {
    expect(live(stageWith({ minDurationS: 0.3 }), told([0, 0.9, 0.9, 0, 0]))).toEqual([]);
    const opened = live(stageWith({ minDurationS: 1.1 }), told([0, ...Array<number>(12).fill(0.9)]));
    expect(opened.map(inSteps)).toEqual([[1, 12]]);
  });

  it('joins what is nearer than the merge gap without closing in between', () => {
    const apart = told([0, 0.9, 0.9, 0, 0, 0.9, 0.9, 0, 0, 0, 0]);
    expect(closed(live(stageWith({ mergeGapS: 0.2 }), apart)).map(inSteps)).toEqual([
      [1, 3],
      [5, 7],
    ]);
    const joined = live(stageWith({ mergeGapS: 0.21 }), apart);
    expect(phases(joined)).toEqual(['open 0', 'close 1']);
    expect(closed(joined).map(inSteps)).toEqual([[1, 7]]);
  });

  it('reports an event that goes on at the given pace', () => {
    const events = live(stageWith({}, { updateEveryS: 0.4 }), told([0, ...Array<number>(12).fill(0.9), 0]));
    expect(phases(events)).toEqual(['open 0', 'update 1', 'update 2', 'close 3']);
    expect(events.map((event) => inSteps(event)[1])).toEqual([3, 7, 11, 13]);
  });

  it.each([
    ['a break', [breakAt(T0 + 9 * STEP_US)]],
    ['another boot', [activity(0, [[0]], { bootId: 'b2', timeUs: T0 - 9e9 })]],
    ['another version of the model', [activity(3, [[0.9]], { modelVersion: '2.0.0' })]],
    ['missing steps', [activity(9, [[0.9]])]],
  ])('closes what is open at %s', (_, next) => {
    const events = live(stageWith({ medianSteps: 3 }), [...told([0, 0.9, 0.9]), ...next]);
    expect(closed(events)).toMatchObject([{ bootId: 'b1', modelVersion: '1.0.0', offsetUs: T0 + 3 * STEP_US }]);
  });

  it('drops steps that it has seen and what is left of the boot before', () => {
    const stage = stageWith();
    const inputs = told([0, 0.9, 0.9, 0.9, 0], 1);
    expect(live(stage, [...inputs.slice(0, 4), ...inputs])).toEqual(live(stage, inputs));
    const late = [activity(0, [[0.9]], { bootId: 'b2' }), activity(5, [[0.9]])];
    const { outcomes } = stage.step(stage.init('t/s'), [...inputs, ...late]);
    expect(outcomes.at(-1)).toEqual({ kind: 'drop', reason: 'late' });
  });

  it('can not begin in a second without energy or below the floor, but goes on through it', () => {
    const second = (first: number, laeqDb: number | null, p: number) =>
      activity(first, Array<number[]>(10).fill([p]), { laeqDb });
    const inputs = [second(0, -30, 0), second(10, null, 0.9), second(20, -60, 0.9), second(30, null, 0.9)];
    expect(closed(runStage(stageWith(), 't/s', inputs)).map(inSteps)).toEqual([[20, 40]]);
    expect(runStage(stageWith({}, { floorDb: -50 }), 't/s', inputs)).toEqual([]);
  });

  it("gives the energy mean and maximum of its steps' seconds", () => {
    const [event] = closed(
      live(stageWith(), [
        activity(0, [[0], [0.9]], { laeqDb: -20 }),
        activity(2, [[0.9], [0.9], [0.9]], { laeqDb: -40 }),
        activity(5, [[0]], { laeqDb: 0 }),
      ]),
    );
    expect(event).toMatchObject({
      laeqDb: expect.closeTo(10 * Math.log10((0.01 + 3 * 0.0001) / 4), 9),
      laeqMaxDb: -20,
    });
  });
});

/** The offline rule that models are tuned with: median, hysteresis, then merge, then minimum duration. Spans in steps. */
const offline = (
  given: readonly number[],
  { medianSteps, onThreshold, offThreshold, minDurationS, mergeGapS }: DetectionRule,
) => {
  const reach = (medianSteps - 1) / 2;
  const probabilities = given.map(
    (_, i) =>
      Array.from({ length: medianSteps }, (__, k) => probabilityCode(given[i - reach + k] ?? 0) / 255).sort(
        (a, b) => a - b,
      )[reach] ?? NaN,
  );
  const spans: [number, number][] = [];
  let start: number | null = null;
  // The stream ends with it.
  [...probabilities, -1].forEach((p, i) => {
    if (start === null && p >= onThreshold) start = i;
    else if (start !== null && p < offThreshold) {
      spans.push([start, i]);
      start = null;
    }
  });
  const merged: [number, number][] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last !== undefined && span[0] - last[1] < 10 * mergeGapS) last[1] = span[1];
    else merged.push(span);
  }
  return merged.filter(([from, to]) => to - from >= 10 * minDurationS);
};

const anyProbability = fc.constantFrom(0, 0.1, 0.29, 0.31, 0.4, 0.51, 0.61, 0.9);
const anyRule = fc.record({
  medianSteps: fc.constantFrom(1, 3, 5, 7),
  onThreshold: fc.constantFrom(0.5, 0.6),
  offThreshold: fc.constantFrom(0.1, 0.3, 0.5),
  minDurationS: fc.constantFrom(0, 0.1, 0.2, 0.25, 0.5),
  mergeGapS: fc.constantFrom(0, 0.1, 0.25, 0.5),
  perLabel: fc.constant({}),
});

/** Two labels, with breaks, boots, holes and repetitions in between. */
const anyActivity = fc
  .array(
    fc.record({
      steps: fc.array(fc.tuple(anyProbability, anyProbability), { minLength: 1, maxLength: 10 }),
      laeqDb: fc.constantFrom(null, -60, -30),
      turn: fc.constantFrom('on', 'on', 'on', 'on', 'on', 'break', 'boot', 'hole', 'repeat'),
    }),
    { maxLength: 20 },
  )
  .map((plans) => {
    const inputs: SoundActivity[] = [];
    let [boot, at] = [1, 0];
    for (const { steps, laeqDb, turn } of plans) {
      const last = inputs.at(-1);
      if (turn === 'repeat' && last !== undefined) inputs.push(last);
      if (turn === 'break') inputs.push(breakAt(T0 + at * STEP_US));
      if (turn === 'boot') boot += 1;
      at += turn === 'break' ? 6 : turn === 'hole' ? 3 : 0;
      inputs.push(activity(at, steps, { laeqDb, bootId: `b${boot}` }));
      at += steps.length;
    }
    return inputs;
  });

describe('laws of createDetectEvents', () => {
  const rules = [
    rule,
    { ...rule, medianSteps: 7, minDurationS: 0, mergeGapS: 0.2 },
    { ...rule, medianSteps: 3, perLabel: { label1: { medianSteps: 9, minDurationS: 0.5 } } },
  ];

  it.each(rules)('chunking never changes results: median $medianSteps, gap $mergeGapS s', (any) =>
    checkChunkingLaw(stageWith(any, { updateEveryS: 1 }), anyActivity),
  );
  it.each(rules)('replay equals live: median $medianSteps, gap $mergeGapS s', (any) =>
    checkReplayLaw(stageWith(any, { updateEveryS: 1 }), anyActivity),
  );

  it('opens every event once, closes it once, and its revisions grow', () => {
    fc.assert(
      fc.property(anyRule, anyActivity, (any, inputs) => {
        const events = runStage(stageWith(any, { updateEveryS: 1 }), 't/s', inputs);
        for (const id of new Set(events.map((event) => event.id))) {
          const life = events.filter((event) => event.id === id);
          expect(life.map(({ revision }) => revision)).toEqual(life.map((_, i) => i));
          expect(life[0]?.phase).toBe('open');
          expect(life.filter(({ phase }) => phase === 'close')).toEqual([life.at(-1)]);
          expect(life.every(({ onsetUs, offsetUs }) => onsetUs < offsetUs)).toBe(true);
        }
      }),
    );
  });

  it('finds the events of the offline rule that models are tuned with, however the steps are cut', () => {
    fc.assert(
      fc.property(
        anyRule,
        fc.array(anyProbability, { maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        (any, probabilities, size) => {
          const events = closed(runStage(stageWith(any), 't/s', told(probabilities, size)));
          expect(events.map(inSteps)).toEqual(offline(probabilities, any));
        },
      ),
    );
  });
});
