import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { withPermutedWeights } from './damage.js';
import { fixedSet } from './sounds.js';

const field = (number: number, body: Uint8Array): number[] => [number * 8 + 2, ...lengthOf(body.length), ...body];
const lengthOf = (value: number): number[] =>
  value < 128 ? [value] : [(value & 0x7f) | 0x80, ...lengthOf(Math.floor(value / 128))];

const digest = (samples: Float32Array): string => createHash('sha256').update(samples).digest('hex');

describe('the fixed set', () => {
  const sounds = fixedSet(2, 2);

  it('is the same each time', () => {
    const again = fixedSet(2, 2);
    expect(again.map(({ name }) => name)).toEqual(sounds.map(({ name }) => name));
    expect(again.map(({ samples }) => digest(samples))).toEqual(sounds.map(({ samples }) => digest(samples)));
  });

  it('has as many of each class, each of its own, and sounds of none', () => {
    const labels = sounds.flatMap(({ label }) => (label === null ? [] : [label]));
    expect(new Set(labels).size).toBe(10);
    expect(labels).toHaveLength(20);
    expect(sounds.filter(({ label }) => label === null)).toHaveLength(10);
    expect(new Set(sounds.map(({ samples }) => digest(samples))).size).toBe(sounds.length);
  });

  it.each(sounds.map((sound) => [sound.name, sound.samples] as const))('%s is heard and not clipped', (_, samples) => {
    const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(peak).toBeGreaterThan(0.01);
    expect(peak).toBeLessThan(1);
  });
});

describe('withPermutedWeights', () => {
  const weights = Uint8Array.from({ length: 1200 }, (_, i) => i >> 3);
  const tensor = (raw: Uint8Array) => field(5, Uint8Array.from([8, 1, ...field(9, raw)]));
  const model = Uint8Array.from([
    8,
    7,
    ...field(7, Uint8Array.from([...tensor(weights), ...tensor(weights.slice(0, 40))])),
  ]);

  it('moves the words of large tensors and nothing else', () => {
    const damaged = withPermutedWeights(model, 1);
    expect(damaged).toHaveLength(model.length);
    expect(damaged).not.toEqual(model);
    expect([...damaged].sort()).toEqual([...model].sort());
    expect(damaged.slice(-40)).toEqual(model.slice(-40));
    expect(damaged.slice(0, 12)).toEqual(model.slice(0, 12));
    expect(withPermutedWeights(model, 1)).toEqual(damaged);
  });

  it('fails where there is nothing to damage', () => {
    expect(() => withPermutedWeights(model, 1, 5000)).toThrow('no tensor with weights');
  });
});
