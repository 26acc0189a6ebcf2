import { checkChunkingLaw, checkReplayLaw } from '@earshot/testing/laws';
import { describe, expect, it } from '@jest/globals';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import type { LineName, MachineLine, MachineSpectrum } from '../machine/index.js';
import { emitted } from '../stage/index.js';
import { createDetectAnomalies, type HeardSecond } from './index.js';

const START_US = 1_780_000_000e6;
const config = { warmUpS: 12, intervalS: 3, raiseAfterS: 2, clearAfterS: 3, adaptS: 30, matureS: 40, dangerAfterS: 3 };

const second = (at: number, gain: number, wobble: number, kind: string): HeardSecond => {
  const frameCount = kind === 'partial' ? 20 : kind === 'break' ? 0 : 50;
  return {
    tenantId: 'demo',
    sensorId: 'gate-1',
    bootId: at < 30 ? 'b1' : 'b2',
    timeUs: START_US + at * 1e6,
    frameCount,
    logMel: Uint8Array.from({ length: frameCount * 64 }, (_, index) =>
      kind === 'silent' ? 0 : 80 + gain + ((index * 7 + wobble * (index % 64)) % 5),
    ),
    discontinuity: kind === 'break',
    receivedTimeUs: START_US + at * 1e6 + 1e6,
  };
};

/** Mostly normal seconds with loud stretches, holes, breaks, repeated and cut seconds; past the warm-up more often than not. */
const seconds = fc
  .array(
    fc.record({
      step: fc.constantFrom(1, 1, 1, 1, 1, 1, 0, 3),
      gain: fc.constantFrom(0, 0, 0, 0, 60, 60),
      wobble: fc.nat(4),
      kind: fc.constantFrom('whole', 'whole', 'whole', 'whole', 'whole', 'whole', 'partial', 'silent', 'break'),
    }),
    { minLength: 10, maxLength: 70 },
  )
  .map((all) => {
    let at = 0;
    return all.map(({ step, gain, wobble, kind }, index) => {
      at += step;
      return second(at, index > 18 ? gain : 0, wobble, kind);
    });
  });

/** A machine over load that changes, from second to second the same; a bearing's line comes at the end. */
const machineAt = (at: number): MachineSpectrum => {
  const shaftHz = 25 - Math.sin(at / 9);
  const levelDb = -40 + 4 * Math.sin(at / 9);
  const line = (name: LineName, order: number, prominenceDb: number): MachineLine => ({
    ...{ name, frequencyHz: order * shaftHz, levelDb: levelDb + ((at * 7) % 5) / 10, prominenceDb },
  });
  return {
    binHz: 0.25,
    spectrum: new Uint8Array(400).fill(70 + Math.round(8 * Math.sin(at / 9))),
    envelope: new Uint8Array(400).fill(50),
    shaftHz,
    lines: [line('1x', 1, 20), line('bpfo', 3.6, at > 100 ? 25 : 5 + ((at * 3) % 4))],
  };
};

describe('detect anomalies', () => {
  it('chunking', () => checkChunkingLaw(createDetectAnomalies(config), seconds));
  it('replay', () => checkReplayLaw(createDetectAnomalies(config), seconds));

  const longer = { ...config, warmUpS: 90 };
  const ofMachine = Array.from({ length: 130 }, (_, at) => ({
    ...second(at, 0, at % 5, 'whole'),
    machine: machineAt(at),
  }));

  it('chunking, of a machine', () =>
    checkChunkingLaw(createDetectAnomalies(longer), fc.constant(ofMachine), { numRuns: 3 }));

  it('names the machine’s fault, and tells the shaft', () => {
    const stage = createDetectAnomalies(longer);
    const verdicts = emitted(stage.step(stage.init('k'), ofMachine).outcomes);
    const named = verdicts.filter(({ findings }) => findings.length > 0);
    expect(named.every(({ timeUs }) => timeUs >= START_US + 97e6)).toBe(true);
    expect(named.at(-1)).toMatchObject({ state: 'anomalous', findings: [{ fault: 'bpfo', order: 3.6 }] });
    expect(Math.abs((named.at(-1)?.shaftHz ?? 0) - 25)).toBeLessThan(1.1);
  });

  it('does not depend on how often its state was stored, through every age of a sensor', () => {
    const stage = createDetectAnomalies({ ...config, warmUpS: 60, matureS: 240 });
    const inputs = Array.from({ length: 330 }, (_, at) => second(at, at % 70 < 5 ? 40 : 0, (at * 7) % 5, 'whole'));
    const whole = stage.step(stage.init('k'), inputs);
    let state = stage.init('k');
    const cut = inputs.flatMap((input) => {
      const after = stage.step(state, [input]);
      state = deserialize(serialize(after.state)) as typeof state;
      return after.outcomes;
    });
    expect(state.listener.quarantine).toBeNull();
    expect(cut).toEqual(whole.outcomes);
    expect(state).toEqual(deserialize(serialize(whole.state)));
  });
});
