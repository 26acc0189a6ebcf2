/** Faults of machines over varying load: each is learned healthy, then judged healthy and with each fault. */
import { createDetectAnomalies, defaultAnomalyConfig, type AnomalyVerdict } from '@earshot/core/anomaly';
import type { RealFft } from '@earshot/core/dsp';
import { LONG_BIN_HZ } from '@earshot/core/machine';
import { emitted } from '@earshot/core/stage';
import { mixSeed } from '../simulator/random.js';
import { areaUnderRoc } from './auc.js';
import { hear } from './hear.js';
import {
  drawMachine,
  machineFaults,
  machineSpell,
  RATE_HZ,
  type Machine,
  type MachineFault,
  type MachineSpell,
} from './machine-sounds.js';

export interface MachinesOptions {
  readonly seed: number;
  readonly machines: number;
  /** Healthy seconds to learn from. */
  readonly learnS: number;
  /** Seconds of each judged spell. */
  readonly judgeS: number;
  readonly faultDb: number;
}

export interface MachineFaultResult {
  /** Of verdicts (5 s) by score / threshold, all machines together. */
  readonly auc: number;
  /** The lowest of single machines. */
  readonly worstAuc: number;
  /** Share of the verdicts while anomalous whose first finding is the fault, at its frequency within one bin. */
  readonly namedShare: number;
  /** Machines whose first anomalous verdict names the fault so. */
  readonly namedAtOnce: number;
  /** Machines that became anomalous. */
  readonly found: number;
}

export interface MachinesResult {
  readonly machines: number;
  /** Episodes in the healthy spells. */
  readonly falseAlarms: number;
  readonly healthyS: number;
  readonly faults: Readonly<Record<MachineFault, MachineFaultResult>>;
}

const START_US = Date.UTC(2026, 5, 1) * 1000;
/** Length of a long spectrum. */
const WINDOW_S = 4;
/** Seconds until the smoothed lines stand: a spell's beginning is not judged. */
const SETTLE_S = 10;

interface Judged {
  readonly ratios: readonly number[];
  readonly verdicts: readonly AnomalyVerdict[];
}

/** The rate that a fault shows at, averaged over the spectrum whose second began `atS` into the spell. */
const rateOf = (machine: Machine, fault: MachineFault, { shaftHz }: MachineSpell, atS: number): number => {
  const last = Math.round(atS);
  const heard = shaftHz.slice(Math.max(0, last - WINDOW_S + 1), last + 1);
  const mean = heard.reduce((sum, hz) => sum + hz, 0) / Math.max(1, heard.length);
  return fault === 'imbalance' ? mean : mean * machine.settings[`${fault}Order`] * (1 + machine.slip);
};

const isNamed = (
  machine: Machine,
  fault: MachineFault,
  spell: MachineSpell,
  fromUs: number,
  verdict: AnomalyVerdict,
): boolean => {
  const [finding] = verdict.findings;
  const truth = rateOf(machine, fault, spell, (verdict.worstTimeUs - fromUs) / 1e6);
  return finding?.fault === fault && Math.abs(finding.frequencyHz - truth) <= LONG_BIN_HZ;
};

interface OneMachine {
  readonly healthy: Judged;
  readonly faults: ReadonlyMap<MachineFault, Judged & { readonly named: readonly boolean[] }>;
}

const judgeMachine = (options: MachinesOptions, index: number, fft: RealFft, longFft: RealFft): OneMachine => {
  const { learnS, judgeS, faultDb } = options;
  const seed = mixSeed(options.seed, index);
  const machine = drawMachine(seed);
  const stage = createDetectAnomalies({ ...defaultAnomalyConfig, warmUpS: learnS - WINDOW_S });
  const heard = (spell: MachineSpell, fromUs: number) =>
    hear(spell.samples, RATE_HZ, fromUs, fft, { longFft, machine: machine.settings });
  const learned = stage.step(stage.init('t/s'), heard(machineSpell(machine, mixSeed(seed, 1), learnS), START_US)).state;
  const judge = (spell: MachineSpell, fromUs: number): Judged => {
    const { state, outcomes } = stage.step(learned, heard(spell, fromUs));
    const all = [...emitted(outcomes), ...stage.flush(state)];
    const verdicts = all.filter(({ timeUs, threshold }) => timeUs >= fromUs + SETTLE_S * 1e6 && threshold > 0);
    return { verdicts, ratios: verdicts.map(({ score, threshold }) => score / threshold) };
  };
  const fromUs = START_US + (learnS + 60) * 1e6;
  const faults = machineFaults.map((kind, at) => {
    const spell = machineSpell(machine, mixSeed(seed, 3 + at), judgeS, { kind, faultDb });
    const judged = judge(spell, fromUs);
    const anomalous = judged.verdicts.filter(({ state }) => state === 'anomalous');
    return [kind, { ...judged, named: anomalous.map((one) => isNamed(machine, kind, spell, fromUs, one)) }] as const;
  });
  return { healthy: judge(machineSpell(machine, mixSeed(seed, 2), judgeS), fromUs), faults: new Map(faults) };
};

/** `fft` has size 1024, `longFft` 8192. */
export const evaluateMachines = (options: MachinesOptions, fft: RealFft, longFft: RealFft): MachinesResult => {
  const all = Array.from({ length: options.machines }, (_, index) => judgeMachine(options, index, fft, longFft));
  const negatives = all.flatMap(({ healthy }) => healthy.ratios);
  const resultOf = (fault: MachineFault): MachineFaultResult => {
    const own = all.map(({ healthy, faults }) => ({ healthy, faulty: faults.get(fault) }));
    const named = own.flatMap(({ faulty }) => faulty?.named ?? []);
    return {
      auc: areaUnderRoc(
        negatives,
        own.flatMap(({ faulty }) => faulty?.ratios ?? []),
      ),
      worstAuc: Math.min(...own.map(({ healthy, faulty }) => areaUnderRoc(healthy.ratios, faulty?.ratios ?? []))),
      namedShare: named.length === 0 ? 0 : named.filter(Boolean).length / named.length,
      namedAtOnce: own.filter(({ faulty }) => faulty?.named[0] === true).length,
      found: own.filter(({ faulty }) => (faulty?.named.length ?? 0) > 0).length,
    };
  };
  const onsets = all.map(({ healthy }) => healthy.verdicts.filter(({ state }) => state === 'anomalous'));
  return {
    machines: all.length,
    falseAlarms: onsets.reduce((sum, one) => sum + new Set(one.map(({ episodeOnsetUs }) => episodeOnsetUs)).size, 0),
    healthyS: all.length * options.judgeS,
    faults: Object.fromEntries(machineFaults.map((fault) => [fault, resultOf(fault)])) as Record<
      MachineFault,
      MachineFaultResult
    >,
  };
};
