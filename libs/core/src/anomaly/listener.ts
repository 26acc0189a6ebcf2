import { adaptBaseline, learnBaseline, scoreOf, type Baseline } from './baseline.js';
import { advanceRuns, breakRuns, calm, WATCH_SHARE, type Runs } from './condition.js';
import { explain } from './explain.js';
import { breakMachine, judgeMachine, learnMachine, newMachineBaseline } from './machine-baseline.js';
import type { MachineBaseline, MachineFinding, MachineJudged } from './machine-baseline.js';
import { admit, allOf, chance, emptyMemory, remember, toExemplar, type Exemplar, type Memory } from './memory.js';
import { emptyQuarantine, hold, recurring, type Quarantine } from './quarantine.js';
import { breakTail, extendTail, noTail, spellScore, tailScore, type Tail } from './tail.js';
import type { MachineSpectrum } from '../machine/index.js';
import type { AnomalyConfig, BandDeviation, HeardSecond } from './types.js';

/** What one sensor's listener has learned and holds against new seconds. Plain value, never changed in place. */
export interface Listener {
  /** The wish to learn anew that this baseline was begun for; 0: none. */
  readonly askedUs: number;
  /** Usable seconds of warm-up. */
  readonly warmUpS: number;
  /** Event time of the first second; 0: none yet. */
  readonly firstUs: number;
  /** Usable seconds so far, up to the warm-up. */
  readonly seen: number;
  readonly memory: Memory;
  /** null: not new any more. */
  readonly quarantine: Quarantine | null;
  /** null: too little heard. In a long warm-up a provisional one tells what is unusual. */
  readonly baseline: Baseline | null;
  /** `memory.offered` when the baseline was learned. */
  readonly learnedAt: number;
  readonly runs: Runs;
  /** How unusual the sound of a new sensor gets; begins again in the middle of that time. */
  readonly tail: Tail;
  /** So many eighths of that time are over, and what recurred in them was taken in. */
  readonly eighths: number;
  /** What the tail told when that time was over: the threshold is not lower. 0: nothing. */
  readonly leastThreshold: number;
  /** null: not a machine so far. */
  readonly machine: MachineBaseline | null;
}

export interface Judged {
  readonly listener: Listener;
  /** 0 while learning. */
  readonly score: number;
  readonly explanation: readonly BandDeviation[];
  readonly findings: readonly MachineFinding[];
}

/** With so many usable seconds a baseline is learned at the latest, if only a provisional one. */
const FIRST_BASELINE_S = 120;
/** A baseline is learned again when the memory was offered about twice as much as at the last time, or about so many seconds more. */
const LEARN_AGAIN_S = 3600;
/** Eighths of the time in which a sensor is new, half way. */
const HALF = 4;
/** By how much each sensor's times of learning are moved, so that those that began together do not learn together. */
const SPREAD = 0.5;

export const newListener = (warmUpS: number, askedUs = 0): Listener => ({
  askedUs,
  warmUpS,
  firstUs: 0,
  seen: 0,
  memory: emptyMemory,
  quarantine: emptyQuarantine,
  baseline: null,
  learnedAt: 0,
  runs: calm,
  tail: noTail,
  eighths: 0,
  leastThreshold: 0,
  machine: null,
});

export const isLearning = ({ seen, warmUpS }: Listener): boolean => seen < warmUpS;

/** Share of the time in which the sensor is new, 0..1. */
export const maturityOf = ({ quarantine, firstUs }: Listener, config: AnomalyConfig, timeUs: number): number =>
  quarantine === null ? 1 : firstUs === 0 ? 0 : Math.min(1, Math.max(0, (timeUs - firstUs) / (config.matureS * 1e6)));

const learned = (listener: Listener): Listener => ({
  ...listener,
  baseline: learnBaseline(allOf(listener.memory), listener.leastThreshold),
  learnedAt: listener.memory.offered,
});

/** Takes in what recurred, and learns again. */
const takenIn = (listener: Listener): Listener =>
  learned({
    ...listener,
    memory: admit(listener.memory, recurring(listener.quarantine ?? emptyQuarantine)),
    quarantine: listener.quarantine === null ? null : emptyQuarantine,
  });

/** A number in [0, 1) that belongs to a sensor (FNV-1a of its name). */
const shareOf = (sensorId: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < sensorId.length; at += 1) hash = Math.imul(hash ^ sensorId.charCodeAt(at), 0x01000193);
  return chance(hash);
};

const isDueAgain = ({ memory, learnedAt }: Listener, sensorId: string): boolean =>
  memory.offered >= learnedAt + Math.min(learnedAt, LEARN_AGAIN_S) * (1 + SPREAD * (shareOf(sensorId) - 0.5));

const withMachine = (
  baseline: MachineBaseline | null,
  spectrum: MachineSpectrum | undefined,
): MachineBaseline | null =>
  spectrum === undefined ? baseline : learnMachine(baseline ?? newMachineBaseline, spectrum);

const noMachine: Omit<MachineJudged, 'baseline'> & { readonly baseline: null } = {
  baseline: null,
  ratio: 0,
  findings: [],
};

const warmUp = (
  config: AnomalyConfig,
  listener: Listener,
  { timeUs, sensorId, machine }: HeardSecond,
  embedding: Float32Array,
  exemplar: Exemplar,
): Listener => {
  const { baseline, quarantine } = listener;
  const score = baseline === null ? 0 : scoreOf(baseline, embedding, null).score;
  const odd = baseline !== null && score > baseline.threshold;
  const next: Listener = {
    ...listener,
    firstUs: listener.firstUs === 0 ? timeUs : listener.firstUs,
    seen: listener.seen + 1,
    memory: remember(listener.memory, exemplar),
    quarantine: odd && quarantine !== null ? hold(quarantine, exemplar, timeUs) : quarantine,
    tail: withTail(listener, config, score, timeUs),
    machine: withMachine(listener.machine, machine),
  };
  if (!isLearning(next)) return aged(takenIn(next), config, timeUs, sensorId);
  const due = next.baseline === null ? next.seen >= FIRST_BASELINE_S : isDueAgain(next, sensorId);
  return due ? learned(next) : next;
};

/**
 * At each eighth of the time in which it is new, the listener takes in what recurred; half way it begins again to look how unusual normal sound
 * gets, now that it knows more. At the end its threshold is settled: from now on nothing unusual is taken in.
 */
const aged = (listener: Listener, config: AnomalyConfig, timeUs: number, sensorId: string): Listener => {
  const { quarantine, firstUs, eighths, tail } = listener;
  if (quarantine === null || firstUs === 0 || listener.baseline === null) return listener;
  const maturity = maturityOf(listener, config, timeUs);
  if (maturity >= 1)
    return { ...takenIn({ ...listener, leastThreshold: tailScore(tail) }), quarantine: null, tail: noTail };
  const over = Math.floor(8 * maturity - SPREAD * shareOf(sensorId));
  if (over <= eighths) return listener;
  return { ...takenIn(listener), eighths: over, tail: eighths < HALF && over >= HALF ? noTail : tail };
};

const withTail = (listener: Listener, config: AnomalyConfig, score: number, timeUs: number): Tail =>
  listener.quarantine !== null ? extendTail(listener.tail, score, timeUs, config.raiseAfterS) : listener.tail;

/**
 * The score that raises. A new sensor has heard little of its place: only what surpasses all but one of the spells that it heard so far is
 * worth an alarm. What is anomalous stays so as long as it lies above the baseline's own threshold.
 */
export const thresholdOf = ({ baseline, quarantine, runs, tail }: Listener): number => {
  const own = baseline?.threshold ?? 0;
  return quarantine === null || runs.anomalous ? own : Math.max(own, spellScore(tail));
};

const watch = (
  config: AnomalyConfig,
  listener: Listener,
  baseline: Baseline,
  second: HeardSecond,
  embedding: Float32Array,
): Judged => {
  const { timeUs, logMel } = second;
  const exemplar = toExemplar(embedding, timeUs);
  const { quarantine } = listener;
  const heard = scoreOf(baseline, embedding, quarantine === null ? exemplar.slot : null);
  const { state } = heard;
  const machine =
    second.machine === undefined
      ? { ...noMachine, baseline: listener.machine }
      : judgeMachine(listener.machine ?? newMachineBaseline, second.machine);
  const threshold = thresholdOf(listener);
  const score = Math.max(heard.score, machine.ratio * threshold);
  const runs = advanceRuns(config, listener.runs, score / threshold, timeUs);
  const explanation =
    heard.score > baseline.threshold && baseline.states[state] !== undefined
      ? explain(baseline.states[state], embedding, logMel)
      : [];
  const tail = withTail(listener, config, heard.score, timeUs);
  // Only what is normal beyond doubt is learned from.
  const suspicious = runs.anomalous || heard.score > WATCH_SHARE * baseline.threshold || machine.ratio > WATCH_SHARE;
  if (suspicious) {
    const kept = quarantine !== null ? hold(quarantine, exemplar, timeUs) : null;
    const next = { ...listener, runs, tail, quarantine: kept, machine: machine.baseline };
    return { listener: next, score, explanation, findings: machine.findings };
  }
  const next: Listener = {
    ...listener,
    runs,
    tail,
    memory: remember(listener.memory, exemplar),
    baseline: adaptBaseline(baseline, state, embedding, 1 / config.adaptS),
    machine: withMachine(machine.baseline, second.machine),
  };
  return {
    listener: isDueAgain(next, second.sensorId) ? learned(next) : next,
    score,
    explanation,
    findings: machine.findings,
  };
};

/** Takes one more usable second and its embedding: learns from it or judges it, or both. */
export const listen = (
  config: AnomalyConfig,
  before: Listener,
  second: HeardSecond,
  embedding: Float32Array,
): Judged => {
  const { timeUs } = second;
  const asked = second.learnFromUs ?? 0;
  const anew = asked > before.askedUs && timeUs >= asked;
  const listener = aged(
    anew ? newListener(second.learnForS || config.warmUpS, asked) : before,
    config,
    timeUs,
    second.sensorId,
  );
  if (isLearning(listener) || listener.baseline === null) {
    const next = warmUp(config, listener, second, embedding, toExemplar(embedding, timeUs));
    return { listener: next, score: 0, explanation: [], findings: [] };
  }
  return watch(config, listener, listener.baseline, second, embedding);
};

export const endRuns = (listener: Listener): Listener => ({
  ...listener,
  runs: breakRuns(listener.runs),
  tail: breakTail(listener.tail),
  machine: listener.machine === null ? null : breakMachine(listener.machine),
});
