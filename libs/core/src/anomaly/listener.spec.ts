import { describe, expect, it } from '@jest/globals';
import { FEATURES } from './embedding.js';
import { isLearning, listen, maturityOf, newListener, type Listener } from './listener.js';
import { chance } from './memory.js';
import { defaultAnomalyConfig, type AnomalyConfig, type HeardSecond } from './types.js';

const config = { ...defaultAnomalyConfig, warmUpS: 130, matureS: 800, adaptS: 600 };

const second = (at: number, change: Partial<HeardSecond> = {}): HeardSecond => ({
  ...{ tenantId: 't', sensorId: 's', bootId: 'b', timeUs: 1e9 + at * 1e6, frameCount: 50 },
  ...{ logMel: new Uint8Array(50 * 64).fill(100), discontinuity: false, receivedTimeUs: 0 },
  ...change,
});
const sound = (at: number, db: number): Float32Array =>
  Float32Array.from({ length: FEATURES }, (_, k) => db + 3 * (chance(200 * at + k) - 0.5) + 4 * (chance(at) - 0.5));

interface Heard {
  readonly listener: Listener;
  readonly scores: readonly number[];
  readonly anomalous: readonly boolean[];
}

/** Hears seconds [from, to) of a place at 40 dB in which `db` says what else there is. */
const hear = (
  before: Listener,
  from: number,
  to: number,
  db: (at: number) => number = () => 40,
  settings: AnomalyConfig = config,
): Heard => {
  let listener = before;
  const [scores, anomalous]: [number[], boolean[]] = [[], []];
  for (let at = from; at < to; at += 1) {
    const judged = listen(settings, listener, second(at), sound(at, db(at)));
    ({ listener } = judged);
    scores.push(judged.score);
    anomalous.push(listener.runs.anomalous);
  }
  return { listener, scores, anomalous };
};

describe('listener', () => {
  it('learns, then judges, and is mature at its time', () => {
    const learning = hear(newListener(config.warmUpS), 0, 129);
    expect(isLearning(learning.listener)).toBe(true);
    expect(learning.scores.every((score) => score === 0)).toBe(true);
    const judging = hear(learning.listener, 129, 500);
    expect(judging.scores.slice(1).every((score) => score > 0)).toBe(true);
    expect(maturityOf(judging.listener, config, 1e9 + 400e6)).toBeCloseTo(0.5);
    const mature = hear(judging.listener, 500, 810).listener;
    expect(mature.quarantine).toBeNull();
    expect(maturityOf(mature, config, 1e9 + 400e6)).toBe(1);
  });

  it('takes in what comes again and again while it is new, and nothing after', () => {
    const slower = { ...config, matureS: 3000 };
    const loudAt = (at: number): number => (at > 150 && at % 90 < 6 ? 65 : 40);
    const first = hear(newListener(config.warmUpS), 0, 300, loudAt, slower);
    expect(first.anomalous.slice(180).some(Boolean)).toBe(true);
    const grown = hear(first.listener, 300, 3010, loudAt, slower).listener;
    expect(grown.quarantine).toBeNull();
    expect(hear(grown, 3010, 3300, loudAt, slower).anomalous.some(Boolean)).toBe(false);
    const mature = hear(newListener(config.warmUpS), 0, 810).listener;
    expect(hear(mature, 810, 1300, loudAt).anomalous.slice(400).some(Boolean)).toBe(true);
  });

  it('raises seldom while it is new: only for what surpasses all but one of what it heard so far', () => {
    const slow = { ...config, matureS: 86_400 };
    const spellAt = (at: number): number => (at > 150 && at % 200 < 6 ? 55 + 15 * chance(Math.floor(at / 200)) : 40);
    const { anomalous } = hear(newListener(config.warmUpS), 0, 10_000, spellAt, slow);
    const onsets = anomalous.filter((is, at) => is && anomalous[at - 1] !== true).length;
    expect(onsets).toBeGreaterThan(0);
    expect(onsets).toBeLessThanOrEqual(5);
  });

  it('keeps to an anomaly that lasts, new or not', () => {
    const slow = { ...config, matureS: 86_400 };
    const { listener } = hear(newListener(config.warmUpS), 0, 400, () => 40, slow);
    expect(
      hear(listener, 400, 1400, () => 65, slow)
        .anomalous.slice(3)
        .every(Boolean),
    ).toBe(true);
  });

  it('learns nothing from what it flags', () => {
    const { listener } = hear(newListener(config.warmUpS), 0, 810);
    const before = hear(listener, 810, 820, () => 65);
    const after = hear(before.listener, 820, 1400, () => 65);
    expect(after.listener.memory).toEqual(before.listener.memory);
    expect(after.listener.baseline).toEqual(before.listener.baseline);
    expect(after.anomalous.every(Boolean)).toBe(true);
  });

  it('learns anew from the time that it is asked for, once', () => {
    const { listener } = hear(newListener(config.warmUpS), 0, 300);
    const wish = { learnFromUs: 1e9 + 305e6, learnForS: 60 };
    const early = listen(config, listener, second(300, wish), sound(300, 40)).listener;
    expect(isLearning(early)).toBe(false);
    let anew = listen(config, early, second(305, wish), sound(305, 70)).listener;
    expect(anew).toMatchObject({ askedUs: wish.learnFromUs, seen: 1, warmUpS: 60 });
    for (let at = 306; at < 370; at += 1) anew = listen(config, anew, second(at, wish), sound(at, 70)).listener;
    expect(isLearning(anew)).toBe(false);
    expect(anew.runs.anomalous).toBe(false);
  });

  it('moves the times at which sensors learn, so that they do not all learn together', () => {
    const slow = { ...config, matureS: 86_400 };
    const { listener: begun } = hear(newListener(config.warmUpS), 0, 131, () => 40, slow);
    const learnedAt = (sensorId: string): number => {
      let listener = begun;
      for (let at = 131; at < 330; at += 1) {
        ({ listener } = listen(slow, listener, second(at, { sensorId }), sound(at, 40)));
        if (listener.learnedAt !== begun.learnedAt) return at;
      }
      return 0;
    };
    expect(learnedAt('a')).toBeGreaterThan(200);
    expect(new Set(['a', 'b', 'c', 'd', 'e'].map(learnedAt)).size).toBeGreaterThan(2);
  });
});
