import { checkChunkingLaw, checkReplayLaw } from '@earshot/testing/laws';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ScoredWindow } from '../classification/index.js';
import { emitted, runStage } from '../stage/index.js';
import { createDetectEvents, type DetectionRule, type SoundEvent } from './index.js';

const rule: DetectionRule = {
  onThreshold: 0.5,
  offThreshold: 0.3,
  minDurationS: 1,
  mergeGapS: 0,
  perLabel: {},
};
const stageWith = (change: Partial<DetectionRule> = {}, more: { updateEveryS?: number; floorDb?: number } = {}) =>
  createDetectEvents({ ruleFor: () => ({ ...rule, ...change }), updateEveryS: 5, floorDb: null, ...more });

const T0 = 1_700_000_000_000_000;
const HOP_US = 500_000;
const WINDOW_US = 2_044_000;
/** From a window's first sample to half a hop before its centre. */
const EDGE_US = WINDOW_US / 2 - HOP_US / 2;

const window = (index: number, probabilities: readonly number[], change: Partial<ScoredWindow> = {}): ScoredWindow => ({
  id: `w${index}`,
  tenantId: 't',
  sensorId: 's',
  bootId: 'b1',
  timeUs: T0 + index * HOP_US,
  windowMs: 2044,
  hopMs: 500,
  modelId: 'm',
  modelVersion: '1.0.0',
  firstFrameIndex: index * 25,
  labels: probabilities.map((_, i) => `label${i}`),
  probabilities,
  laeqDb: -30,
  calibrationId: '',
  discontinuity: false,
  receivedTimeUs: T0 + index * HOP_US + WINDOW_US,
  ...change,
});
const breakAt = (timeUs: number): ScoredWindow =>
  window(0, [], { timeUs, bootId: '', laeqDb: null, discontinuity: true });
const windows = (probabilities: readonly number[], from = 0) => probabilities.map((p, i) => window(from + i, [p]));

/** What comes out without the end of the input. */
const live = (stage: ReturnType<typeof stageWith>, inputs: readonly ScoredWindow[]) =>
  emitted(stage.step(stage.init('t/s'), inputs).outcomes);
const phases = (events: readonly SoundEvent[]) => events.map(({ phase, revision }) => `${phase} ${revision}`);
/** Onset and offset in hops, counted from where window 0's evidence begins. */
const inHops = ({ onsetUs, offsetUs }: SoundEvent) =>
  [onsetUs, offsetUs].map((timeUs) => (timeUs - T0 - EDGE_US) / HOP_US);
const closed = (events: readonly SoundEvent[]) => events.filter(({ phase }) => phase === 'close');

describe('createDetectEvents', () => {
  it('opens at the on threshold, lasts to the off threshold, and lies around the centres of its windows', () => {
    const events = live(stageWith(), windows([0.1, 0.5, 0.4, 0.9, 0.29, 0.1]));
    expect(phases(events)).toEqual(['open 0', 'close 1']);
    expect(events.map(inHops)).toEqual([
      [1, 3],
      [1, 4],
    ]);
    expect(events[1]).toEqual({
      id: `t/s/b1/m@1.0.0/label0/${T0 + HOP_US + EDGE_US}`,
      tenantId: 't',
      sensorId: 's',
      bootId: 'b1',
      phase: 'close',
      label: 'label0',
      onsetUs: T0 + HOP_US + EDGE_US,
      offsetUs: T0 + 4 * HOP_US + EDGE_US,
      confidence: 0.9,
      laeqDb: expect.closeTo(-30, 9),
      laeqMaxDb: -30,
      calibrationId: '',
      modelId: 'm',
      modelVersion: '1.0.0',
      revision: 1,
      receivedTimeUs: T0 + 4 * HOP_US + WINDOW_US,
    });
    expect(events[0]?.id).toBe(events[1]?.id);
  });

  it('says nothing of what is too short, and opens what becomes long enough when it does', () => {
    expect(live(stageWith({ minDurationS: 1.5 }), windows([0, 0.9, 0.9, 0, 0]))).toEqual([]);
    expect(inHops(live(stageWith({ minDurationS: 1.5 }), windows([0, 0.9, 0.9, 0.9]))[0] as SoundEvent)).toEqual([
      1, 4,
    ]);
  });

  it('joins what is nearer than the merge gap without closing in between', () => {
    const apart = windows([0, 0.9, 0.9, 0, 0, 0.9, 0.9, 0, 0, 0, 0]);
    expect(closed(live(stageWith({ mergeGapS: 1 }), apart)).map(inHops)).toEqual([
      [1, 3],
      [5, 7],
    ]);
    const joined = live(stageWith({ mergeGapS: 1.1 }), apart);
    expect(phases(joined)).toEqual(['open 0', 'close 1']);
    expect(closed(joined).map(inHops)).toEqual([[1, 7]]);
  });

  it('takes thresholds, duration and gap of the label where it has its own', () => {
    const stage = stageWith({ perLabel: { label1: { onThreshold: 0.8, minDurationS: 0.5 } } });
    const events = live(
      stage,
      [0, 0.7, 0.7, 0.85, 0].map((p, i) => window(i, [p, p])),
    );
    expect(closed(events).map((event) => [event.label, ...inHops(event)])).toEqual([
      ['label0', 1, 4],
      ['label1', 3, 4],
    ]);
  });

  it('reports an event that goes on at the given pace', () => {
    const events = live(stageWith({}, { updateEveryS: 2 }), windows([0, ...Array<number>(12).fill(0.9), 0]));
    expect(phases(events)).toEqual(['open 0', 'update 1', 'update 2', 'close 3']);
    expect(events.map((event) => inHops(event)[1])).toEqual([3, 7, 11, 13]);
  });

  it('reaches to the first and last sample where the stream begins and ends inside the event', () => {
    const events = runStage(stageWith(), 't/s', windows([0.9, 0.9]));
    expect(closed(events)).toMatchObject([{ onsetUs: T0, offsetUs: T0 + HOP_US + WINDOW_US }]);
    expect(phases(runStage(stageWith({ minDurationS: 2 }), 't/s', windows([0.9])))).toEqual(['open 0', 'close 1']);
    expect(runStage(stageWith({ minDurationS: 3 }), 't/s', windows([0.9]))).toEqual([]);
  });

  it.each([
    ['a break', [breakAt(T0 + 9 * HOP_US)]],
    ['another boot', [window(0, [0], { bootId: 'b2', timeUs: T0 - 9e9 })]],
    ['another version of the model', [window(3, [0.9], { modelVersion: '2.0.0' })]],
    ['missing windows', [window(9, [0.9])]],
  ])('closes what is open at %s', (_, next) => {
    const events = live(stageWith(), [...windows([0, 0.9, 0.9]), ...next]);
    expect(closed(events)).toMatchObject([
      { bootId: 'b1', modelVersion: '1.0.0', offsetUs: T0 + 2 * HOP_US + WINDOW_US },
    ]);
  });

  it('drops windows that it has seen and what is left of the boot before', () => {
    const stage = stageWith();
    const inputs = windows([0, 0.9, 0.9, 0.9, 0]);
    expect(live(stage, [...inputs.slice(0, 4), ...inputs])).toEqual(live(stage, inputs));
    const late = [window(0, [0.9], { bootId: 'b2' }), window(5, [0.9])];
    const { outcomes } = stage.step(stage.init('t/s'), [...inputs, ...late]);
    expect(outcomes.at(-1)).toEqual({ kind: 'drop', reason: 'late' });
  });

  it('can not begin in silence, but goes on through it', () => {
    const silence = Array.from({ length: 12 }, (_, i) => window(i, [i < 5 ? 0 : 0.9], { laeqDb: null }));
    expect(live(stageWith(), silence)).toMatchObject([]);
    const fading = Array.from({ length: 12 }, (_, i) => window(i, [i < 2 ? 0 : 0.9], { laeqDb: i < 4 ? -30 : null }));
    expect(closed(runStage(stageWith(), 't/s', fading)).map((event) => inHops(event)[0])).toEqual([2]);
  });

  it('can not begin below the floor, counted over all seconds that the window touches', () => {
    const quiet = Array.from({ length: 12 }, (_, i) => window(i, [i < 6 ? 0 : 0.9], { laeqDb: i === 5 ? 31 : 29 }));
    expect(live(stageWith({}, { floorDb: 31 }), quiet)).toEqual([]);
    expect(live(stageWith({}, { floorDb: 30 }), quiet).map((event) => inHops(event)[0])).toEqual([6]);
  });

  it('gives the energy mean and maximum of the levels at the centres', () => {
    const levels = [null, -40, -20, null, null, null, null];
    const inputs = levels.map((laeqDb, i) => window(i + 2, [i < 2 ? 0.9 : 0], { laeqDb }));
    const [event] = closed(live(stageWith(), [window(0, [0]), window(1, [0]), ...inputs]));
    // Windows 2 and 3 have their centres 22 ms before windows 0 and 1 end: -30 dB each.
    expect(event).toMatchObject({ laeqDb: expect.closeTo(-30, 9), laeqMaxDb: -30 });
    const [later] = closed(
      live(stageWith(), [
        ...windows([0, 0, 0, 0]).map((w) => ({ ...w, laeqDb: -20 })),
        window(4, [0]),
        window(5, [0.9], { laeqDb: null }),
        window(6, [0.9]),
        window(7, [0]),
      ]),
    );
    // Windows 5 and 6: where windows 3 (-20 dB) and 4 (-30 dB) ended.
    expect(later).toMatchObject({ laeqDb: expect.closeTo(10 * Math.log10((0.01 + 0.001) / 2), 9), laeqMaxDb: -20 });
  });
});

/** The offline rule that models are tuned with: hysteresis, then merge, then minimum duration. Spans in hops. */
const offline = (
  probabilities: readonly number[],
  { onThreshold, offThreshold, minDurationS, mergeGapS }: DetectionRule,
) => {
  const spans: [number, number][] = [];
  let start: number | null = null;
  probabilities.forEach((p, i) => {
    if (start === null && p >= onThreshold) start = i;
    else if (start !== null && p < offThreshold) {
      spans.push([start, i]);
      start = null;
    }
  });
  const merged: [number, number][] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last !== undefined && (span[0] - last[1]) * 0.5 < mergeGapS) last[1] = span[1];
    else merged.push(span);
  }
  return merged.filter(([from, to]) => (to - from) * 0.5 >= minDurationS);
};

const anyProbability = fc.constantFrom(0, 0.1, 0.29, 0.3, 0.4, 0.5, 0.6, 0.9);
const anyRule = fc.record({
  onThreshold: fc.constantFrom(0.5, 0.6),
  offThreshold: fc.constantFrom(0.1, 0.3, 0.5),
  minDurationS: fc.constantFrom(0, 0.5, 1, 1.5, 2.2),
  mergeGapS: fc.constantFrom(0, 0.5, 0.7, 1.1, 2),
  perLabel: fc.constant({}),
});

/** Two labels, with breaks, boots, holes and repetitions in between. */
const anyWindows = fc
  .array(
    fc.record({
      probabilities: fc.tuple(anyProbability, anyProbability),
      laeqDb: fc.constantFrom(null, -60, -30),
      turn: fc.constantFrom('on', 'on', 'on', 'on', 'on', 'break', 'boot', 'hole', 'repeat'),
    }),
    { maxLength: 40 },
  )
  .map((plans) => {
    const inputs: ScoredWindow[] = [];
    let [boot, at] = [1, 0];
    for (const { probabilities, laeqDb, turn } of plans) {
      const last = inputs.at(-1);
      if (turn === 'repeat' && last !== undefined) inputs.push(last);
      if (turn === 'break') inputs.push(breakAt(T0 + at * HOP_US + WINDOW_US));
      if (turn === 'boot') boot += 1;
      at += turn === 'break' ? 6 : turn === 'hole' ? 3 : 1;
      inputs.push(window(at, probabilities, { laeqDb, bootId: `b${boot}` }));
    }
    return inputs;
  });

describe('laws of createDetectEvents', () => {
  const rules = [rule, { ...rule, minDurationS: 0, mergeGapS: 2 }, { ...rule, minDurationS: 1.5, mergeGapS: 0.7 }];

  it.each(rules)('chunking never changes results: $minDurationS s, gap $mergeGapS s', (any) =>
    checkChunkingLaw(stageWith(any, { updateEveryS: 1 }), anyWindows),
  );
  it.each(rules)('replay equals live: $minDurationS s, gap $mergeGapS s', (any) =>
    checkReplayLaw(stageWith(any, { updateEveryS: 1 }), anyWindows),
  );

  it('opens every event once, closes it once, and its revisions grow', () => {
    fc.assert(
      fc.property(anyRule, anyWindows, (any, inputs) => {
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

  it('finds the events of the offline rule that models are tuned with', () => {
    fc.assert(
      fc.property(anyRule, fc.array(anyProbability, { maxLength: 40 }), (any, probabilities) => {
        const padded = [0, ...probabilities, 0, 0, 0, 0, 0, 0];
        const events = closed(live(stageWith(any), windows(padded)));
        expect(events.map(inHops)).toEqual(offline(padded, any));
      }),
    );
  });
});
