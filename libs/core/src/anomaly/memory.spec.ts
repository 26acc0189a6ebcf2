import { describe, expect, it } from '@jest/globals';
import { FEATURES } from './embedding.js';
import {
  admit,
  allOf,
  countOf,
  emptyMemory,
  exemplarAt,
  remember,
  toExemplar,
  type Exemplar,
  type Memory,
} from './memory.js';
import { emptyQuarantine, hold, recurring, type Quarantine } from './quarantine.js';

const sound = (db: number, timeUs = 0): Exemplar => toExemplar(new Float32Array(FEATURES).fill(db), timeUs);

const remembered = (count: number): Memory =>
  Array.from({ length: count }, (_, at) => sound(at % 100, at * 1e6)).reduce(remember, emptyMemory);

describe('memory', () => {
  it('keeps all at first, then a sample of bounded size that reaches from the old to the new', () => {
    expect(countOf(allOf(remembered(100)))).toBe(100);
    const all = allOf(remembered(20_000));
    expect(countOf(all)).toBe(112);
    const ages = [...all.slots].sort((a, b) => a - b);
    expect(ages[0]).toBeLessThan(5);
    expect(ages.at(-1)).toBeGreaterThan(28);
  });

  it('is the same for the same sound, and never changes what it was given', () => {
    const before = remembered(500);
    const copy = structuredClone(before);
    expect(remember(before, sound(7))).toEqual(remember(copy, sound(7)));
    expect(before).toEqual(copy);
  });

  it('makes room for what recurred and stays in its bounds', () => {
    const full = remembered(2000);
    let memory = full;
    for (let round = 0; round < 6; round += 1)
      memory = admit(
        memory,
        Array.from({ length: 20 }, () => sound(99)),
      );
    expect(countOf(memory.recurring)).toBe(40);
    expect(countOf(allOf(memory))).toBe(112);
    // Common ones are still taken in, those that recurred stay.
    const later = Array.from({ length: 3000 }, () => sound(5)).reduce(remember, memory);
    expect(later.recurring).toEqual(memory.recurring);
    expect(countOf(allOf(later))).toBe(112);
  });
});

describe('quarantine', () => {
  const held = (sounds: readonly (readonly [number, number])[]): Quarantine =>
    sounds.reduce((quarantine, [db, atS]) => hold(quarantine, sound(db, atS * 1e6), atS * 1e6), emptyQuarantine);

  it('tells what came in three episodes, not what lasted in one', () => {
    expect(recurring(held([100, 101, 102, 103].map((atS) => [60, atS])))).toEqual([]);
    const found = recurring(
      held([
        [60, 100],
        [20, 200],
        [62, 500],
        [61, 900],
      ]),
    );
    expect(found.map(({ codes }) => (codes[0] ?? 0) / 2)).toEqual([60, 62, 61]);
  });

  it('holds a bounded sample', () => {
    const quarantine = held(Array.from({ length: 500 }, (_, at) => [at % 90, 100 * (at + 1)]));
    expect(countOf(quarantine)).toBe(32);
    expect(quarantine.episode).toBe(500);
    expect(exemplarAt(quarantine, 31).codes).toHaveLength(FEATURES);
  });
});
