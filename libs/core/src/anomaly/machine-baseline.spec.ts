import { describe, expect, it } from '@jest/globals';
import { LONG_BIN_HZ, type LineName, type MachineLine, type MachineSpectrum } from '../machine/index.js';
import {
  breakMachine,
  judgeMachine,
  learnMachine,
  newMachineBaseline,
  type MachineBaseline,
} from './machine-baseline.js';
import { chance } from './memory.js';

const names: readonly LineName[] = ['1x', '2x', '3x', 'bpfo', 'bpfi'];
/** Fewer than there are: tests go faster. */
const BINS = 700;
const ORDERS: Readonly<Record<string, number>> = { '1x': 1, '2x': 2, '3x': 3, bpfo: 3.6, bpfi: 5.4 };

/** A spectrum at a load that changes: with it the shaft slows down and everything becomes louder. */
const spectrum = (at: number, change: Partial<Record<LineName, number>> = {}, known = true): MachineSpectrum => {
  const load = 0.5 + 0.5 * Math.sin(at / 17);
  const shaftHz = 25 * (1 - 0.04 * load);
  const loudDb = 8 * load;
  const lines = names
    .filter((name) => known || ORDERS[name] === Math.round(ORDERS[name] ?? 0))
    .map((name, index): MachineLine => {
      const noise = 0.8 * (chance(100 * at + index) - 0.5);
      const isShaft = index < 3;
      return {
        name,
        frequencyHz: (ORDERS[name] ?? 0) * shaftHz,
        levelDb: -40 - 4 * index + loudDb + noise + (change[name] ?? 0),
        prominenceDb: isShaft ? 20 : 4 + 3 * noise + (change[name] ?? 0),
      };
    });
  const level = Math.round(2 * (100 - 70 + loudDb));
  return {
    binHz: LONG_BIN_HZ,
    spectrum: new Uint8Array(BINS).fill(level),
    envelope: new Uint8Array(BINS).fill(60),
    shaftHz,
    lines,
  };
};

const learned = (count: number, known = true): MachineBaseline =>
  Array.from({ length: count }, (_, at) => spectrum(at, {}, known)).reduce(learnMachine, newMachineBaseline);

const judged = (from: MachineBaseline, spectra: readonly MachineSpectrum[]) => {
  let baseline = from;
  return spectra.map((one) => {
    const result = judgeMachine(baseline, one);
    ({ baseline } = result);
    return result;
  });
};
const spell = (change: Partial<Record<LineName, number>>): MachineSpectrum[] =>
  Array.from({ length: 100 }, (_, at) => spectrum(1000 + at, change));

describe('machine baseline', () => {
  const baseline = learned(400);

  it('holds speed and load for normal', () => {
    expect(Math.max(...judged(baseline, spell({})).map(({ ratio }) => ratio))).toBeLessThan(0.8);
  });

  it('names a stronger first order an imbalance, and a weaker one too', () => {
    for (const change of [5, -5]) {
      const last = judged(baseline, spell({ '1x': change })).at(-1);
      expect(last?.ratio).toBeGreaterThan(1);
      expect(last?.findings[0]).toMatchObject({ fault: 'imbalance', order: 1 });
      expect(Math.abs((last?.findings[0]?.excessDb ?? 0) - change)).toBeLessThan(1);
    }
  });

  it('names a bearing’s rate, and is not alarmed by a rate that stands out less', () => {
    const last = judged(baseline, spell({ bpfo: 15 })).at(-1);
    expect(last?.ratio).toBeGreaterThan(1);
    expect(last?.findings.map(({ fault }) => fault)).toEqual(['bpfo']);
    expect(judged(baseline, spell({ bpfo: -15 })).at(-1)?.ratio).toBeLessThan(0.8);
  });

  it('needs more than one spectrum, and forgets what was smoothed at a break', () => {
    const [first] = judged(baseline, spell({ bpfo: 30 }));
    expect(first?.ratio).toBeLessThanOrEqual(1);
    const late = judged(baseline, spell({ bpfo: 30 })).at(-1)?.baseline ?? baseline;
    expect(judgeMachine(breakMachine(late), spectrum(2000)).ratio).toBeLessThan(1);
  });

  it('is not judged before it is known, nor without a shaft', () => {
    expect(judgeMachine(learned(40), spectrum(1, { bpfo: 40 })).ratio).toBe(0);
    const still = { ...spectrum(1), shaftHz: 0, lines: [] };
    expect(judgeMachine(baseline, still)).toEqual({ baseline, ratio: 0, findings: [] });
    expect(learnMachine(baseline, still)).toBe(baseline);
  });

  it('finds a new line of a bearing whose rates are not known', () => {
    const unknown = learned(400, false);
    const spectra = Array.from({ length: 30 }, (_, at) => {
      const one = spectrum(1000 + at, {}, false);
      const envelope = one.envelope.slice();
      envelope[Math.round((3.57 * one.shaftHz) / LONG_BIN_HZ)] = 140;
      return { ...one, envelope };
    });
    const last = judged(unknown, spectra).at(-1);
    expect(last?.ratio).toBeGreaterThan(1);
    expect(last?.findings[0]?.fault).toBe('line');
    expect(Math.abs((last?.findings[0]?.order ?? 0) - 3.57)).toBeLessThan(0.02);
  });

  it('comes back from the store bit for bit', () => {
    const copy = structuredClone(baseline);
    expect(judgeMachine(copy, spectrum(7))).toEqual(judgeMachine(baseline, spectrum(7)));
    expect(learnMachine(copy, spectrum(7))).toEqual(learnMachine(baseline, spectrum(7)));
  });
});
