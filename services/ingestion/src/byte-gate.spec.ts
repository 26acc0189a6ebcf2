import { describe, expect, it } from '@jest/globals';
import { ByteGate } from './byte-gate.js';

const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};

describe('ByteGate', () => {
  it('lets in up to its size, then in the order of asking', async () => {
    const gate = new ByteGate(100);
    const entered: string[] = [];
    const enter = (name: string, bytes: number): void => void gate.enter(bytes).then(() => entered.push(name));
    enter('a', 60);
    enter('b', 60);
    enter('c', 10);
    await settle();
    expect(entered).toEqual(['a']);
    expect(gate.isFull).toBe(true);
    gate.leave(60);
    await settle();
    expect(entered).toEqual(['a', 'b', 'c']);
    expect(gate.usedBytes).toBe(70);
  });

  it('lets in what is larger than itself, alone', async () => {
    const gate = new ByteGate(100);
    let inside = false;
    await gate.enter(10);
    const waiting = gate.enter(500).then(() => (inside = true));
    await settle();
    expect(inside).toBe(false);
    gate.leave(10);
    await waiting;
    expect(gate.usedBytes).toBe(500);
  });
});
