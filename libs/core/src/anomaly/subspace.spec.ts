import { describe, expect, it } from '@jest/globals';
import { learnBaseline, scoreOf } from './baseline.js';
import { embed, FEATURES, isSilent, LOUD, PAIRS } from './embedding.js';
import { chance, emptyMemory, allOf, remember, toExemplar } from './memory.js';
import { nearest } from './operating-states.js';
import { adaptSubspace, learnSubspace, reconstructionError } from './subspace.js';

/** Level `db` everywhere, a tilt that varies from second to second, and some noise. */
const second = (at: number, db = 40, spread = 1): Float32Array => {
  const tilt = 10 * (chance(at) - 0.5);
  return Float32Array.from(
    { length: FEATURES },
    (_, k) => db + (tilt * (k - FEATURES / 2)) / FEATURES + spread * 4 * (chance(1000 * at + k + 1) - 0.5),
  );
};
const rows = Array.from({ length: 100 }, (_, at) => second(at));
const otherBand = (embedding: Float32Array): Float32Array =>
  embedding.map((value, k) => (k === 20 || k === LOUD + 20 ? value + 20 : value));

describe('embedding', () => {
  it('tells a steady sound’s level as quiet and loud, and no restlessness', () => {
    const steady = embed(new Uint8Array(50 * 64).fill(120), 50);
    expect([...steady.subarray(0, 2 * PAIRS)].every((db) => db === 60)).toBe(true);
    expect([...steady.subarray(2 * PAIRS)].every((db) => db === 0)).toBe(true);
  });

  it('tells a knock by loud levels and crest where it lies', () => {
    const knock = new Uint8Array(50 * 64).fill(80);
    for (const frame of [10, 11, 12]) knock.fill(180, frame * 64 + 32, frame * 64 + 36);
    const told = embed(knock, 50);
    expect(told[16]).toBe(40);
    expect(told[2 * PAIRS + 16 + 8]).toBe(50);
    expect(told[2 * PAIRS + 16 + 2]).toBe(0);
    expect(told[2 * PAIRS + 8]).toBeGreaterThan(0);
  });

  it('knows silence', () => {
    expect(isSilent(new Uint8Array(64))).toBe(true);
    expect(isSilent(Uint8Array.of(0, 1))).toBe(false);
  });
});

describe('subspace', () => {
  const subspace = learnSubspace(rows);

  it('reproduces what it was learned from and not what varies otherwise', () => {
    const errors = rows.map((row) => reconstructionError(subspace, row));
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(1.1);
    expect(reconstructionError(subspace, second(999))).toBeLessThan(1.6);
    expect(reconstructionError(subspace, otherBand(second(999)))).toBeGreaterThan(3);
  });

  it('is the same for the same rows', () => {
    expect(learnSubspace(rows.map((row) => row.slice()))).toEqual(subspace);
  });

  it('comes closer to what it follows', () => {
    const moved = second(999).map((value) => value + 3);
    let followed = subspace;
    for (let step = 0; step < 300; step += 1) followed = adaptSubspace(followed, moved, 0.02);
    expect(reconstructionError(followed, moved)).toBeLessThan(reconstructionError(subspace, moved));
  });
});

describe('baseline', () => {
  const memoryOf = (seconds: readonly (readonly [Float32Array, number])[]) =>
    allOf(seconds.reduce((memory, [row, atS]) => remember(memory, toExemplar(row, atS * 1e6)), emptyMemory));
  const baseline = learnBaseline(memoryOf(rows.map((row, at) => [row, at * 60])), 0);

  it('scores about 1 for seconds that it never heard, and above its threshold for what is unusual', () => {
    const scores = Array.from({ length: 200 }, (_, at) => scoreOf(baseline, second(5000 + at), null).score);
    expect(scores.sort((a, b) => a - b)[100]).toBeGreaterThan(0.6);
    expect(scores[100]).toBeLessThan(1.4);
    expect(scores.filter((score) => score > baseline.threshold).length).toBeLessThanOrEqual(2);
    expect(scoreOf(baseline, otherBand(second(5000)), null).score).toBeGreaterThan(baseline.threshold);
  });

  it('has a threshold that is not lower than what was asked for', () => {
    expect(learnBaseline(memoryOf(rows.map((row) => [row, 0])), 5).threshold).toBe(5);
    expect(baseline.threshold).toBeCloseTo(Math.exp(2.75 / 5), 5);
  });

  it('holds what is out of its time of day for more unusual', () => {
    // Loud by day (8 h to 18 h), quiet by night; three days.
    const days = Array.from({ length: 108 }, (_, at): readonly [Float32Array, number] => {
      const hour = (at * 2) % 24;
      return [second(at, hour >= 8 && hour < 18 ? 60 : 40), at * 2 * 3600];
    });
    const daily = learnBaseline(memoryOf(days), 0);
    expect(nearest(daily.states, second(1, 60)).index).not.toBe(nearest(daily.states, second(1, 40)).index);
    const at = (hour: number): number => scoreOf(daily, second(7777, 60), 30 * 144 + hour * 6).score;
    expect(at(12)).toBe(scoreOf(daily, second(7777, 60), null).score);
    expect(at(1)).toBeGreaterThan(1.2 * at(12));
  });
});
