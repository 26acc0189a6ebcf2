import { type BootIdentity, discontinuity, sampleTimeUs, secondOutputs } from './feature-outputs.js';
import type { AnalyserState, SecondAnalyser } from './second-analyser.js';
import { type SequenceLedger, startLedger, take } from './sequence-ledger.js';
import type { MachineSettings } from '../machine/index.js';
import type { AudioInput, CalibrationInForce, FeatureOutput } from './types.js';

/** A frame with samples or a gap, waiting for the ones before it or being taken. */
export interface SequencedFrame {
  readonly sequence: number;
  readonly firstSampleIndex: number;
  readonly sampleCount: number;
  /** null: a gap. */
  readonly samples: Float32Array | null;
  readonly calibration: CalibrationInForce | null;
  readonly machine?: MachineSettings | null;
  readonly receivedTimeUs: number;
}

/** The boot that is heard. Plain value; the functions of this file change it in place, after `copyBoot`. */
export interface BootState extends BootIdentity {
  ledger: SequenceLedger;
  /** Index of the sample that is due. */
  nextSample: number;
  /** Frames that came before their turn, ascending. */
  pending: SequencedFrame[];
  readonly analyser: AnalyserState;
  /** In force at the first sample of the open second. */
  calibration: CalibrationInForce | null;
  /** In force at the first sample of the open second; absent or null: no long spectra. */
  machine?: MachineSettings | null;
  /** Of the last frame taken. */
  receivedTimeUs: number;
}

export const sequenced = (input: AudioInput): SequencedFrame => {
  const { sequence, firstSampleIndex, sampleCount, receivedTimeUs, calibration, machine, body } = input;
  const samples = body.kind === 'samples' ? body.samples : null;
  const settings = { calibration: calibration ?? null, machine: machine ?? null };
  return { sequence, firstSampleIndex, sampleCount, samples, receivedTimeUs, ...settings };
};

/** A boot that is first heard of with this frame, which is due. */
export const startBoot = (input: AudioInput, analyser: SecondAnalyser): BootState => ({
  tenantId: input.tenantId,
  sensorId: input.sensorId,
  bootId: input.bootId,
  anchorTimeUs: input.anchorTimeUs,
  sampleRateHz: input.sampleRateHz,
  ledger: startLedger(input.sequence),
  nextSample: input.firstSampleIndex,
  pending: [],
  analyser: analyser.rest(),
  calibration: null,
  machine: null,
  receivedTimeUs: input.receivedTimeUs,
});

/** The same with its very first frame due, from sample 0: frames before this one may still come. */
export const startBootBefore = (input: AudioInput, analyser: SecondAnalyser): BootState => ({
  ...startBoot(input, analyser),
  ledger: startLedger(0),
  nextSample: 0,
});

export const copyBoot = (boot: BootState, analyser: SecondAnalyser): BootState => ({
  ...boot,
  pending: [...boot.pending],
  analyser: analyser.copy(boot.analyser),
});

const closeSecond = (boot: BootState, analyser: SecondAnalyser, out: FeatureOutput[]): void => {
  const second = analyser.close(boot.analyser);
  if (second !== null) out.push(...secondOutputs(boot, second, boot, boot.receivedTimeUs));
};

/** What was heard ends at the sample that is due: filters and mel frames start anew with what follows. */
const endRun = (boot: BootState, analyser: SecondAnalyser, out: FeatureOutput[]): void => {
  if (analyser.endRun(boot.analyser, boot.nextSample)) {
    out.push(discontinuity(boot, boot.nextSample, boot.receivedTimeUs));
  }
};

/** Goes on to `sampleIndex`; samples that are left out are a discontinuity. A second that ends on the way is closed. */
const advance = (boot: BootState, sampleIndex: number, analyser: SecondAnalyser, out: FeatureOutput[]): void => {
  if (sampleIndex <= boot.nextSample) return;
  endRun(boot, analyser, out);
  const { secondIndex } = boot.analyser;
  if (secondIndex !== null && sampleIndex >= (secondIndex + 1) * boot.sampleRateHz) closeSecond(boot, analyser, out);
  boot.nextSample = sampleIndex;
};

const hear = (
  boot: BootState,
  frame: SequencedFrame,
  samples: Float32Array,
  analyser: SecondAnalyser,
  out: FeatureOutput[],
): void => {
  const { sampleRateHz } = boot;
  for (let i = 0; i < samples.length;) {
    const secondEnd = (Math.floor(boot.nextSample / sampleRateHz) + 1) * sampleRateHz;
    const to = Math.min(samples.length, i + secondEnd - boot.nextSample);
    if (boot.analyser.secondIndex === null) {
      boot.calibration = frame.calibration;
      boot.machine = frame.machine ?? null;
    }
    analyser.push(boot.analyser, samples, i, to, boot.nextSample, boot.machine != null);
    boot.nextSample += to - i;
    i = to;
    if (boot.nextSample === secondEnd) closeSecond(boot, analyser, out);
  }
};

/** Takes a frame now; frames before it that are missing are given up. */
export const takeFrame = (
  boot: BootState,
  frame: SequencedFrame,
  analyser: SecondAnalyser,
  out: FeatureOutput[],
): void => {
  advance(boot, frame.firstSampleIndex, analyser, out);
  boot.receivedTimeUs = frame.receivedTimeUs;
  boot.ledger = take(boot.ledger, frame.sequence);
  if (frame.samples === null) advance(boot, frame.firstSampleIndex + frame.sampleCount, analyser, out);
  else hear(boot, frame, frame.samples, analyser, out);
};

/** Takes the waiting frames whose turn has come. */
export const takeDue = (boot: BootState, analyser: SecondAnalyser, out: FeatureOutput[]): void => {
  for (let first = boot.pending[0]; first?.sequence === boot.ledger.next; first = boot.pending[0]) {
    boot.pending.shift();
    takeFrame(boot, first, analyser, out);
  }
};

/** Stops waiting: takes the first waiting frame, what is missing before it becomes a gap, and those that follow it. */
export const giveUpHole = (boot: BootState, analyser: SecondAnalyser, out: FeatureOutput[]): void => {
  const first = boot.pending.shift();
  if (first === undefined) return;
  takeFrame(boot, first, analyser, out);
  takeDue(boot, analyser, out);
};

/** Takes everything that waits and closes the open second, whole or not. */
export const emptyBoot = (boot: BootState, analyser: SecondAnalyser, out: FeatureOutput[]): void => {
  while (boot.pending.length > 0) giveUpHole(boot, analyser, out);
  closeSecond(boot, analyser, out);
};

/** The same, and what was heard ends here; the boot keeps its position. */
export const silenceBoot = (boot: BootState, analyser: SecondAnalyser, out: FeatureOutput[]): void => {
  while (boot.pending.length > 0) giveUpHole(boot, analyser, out);
  endRun(boot, analyser, out);
  closeSecond(boot, analyser, out);
};

/** Event time of the sample that is due. */
export const positionUs = (boot: BootState): number => sampleTimeUs(boot, boot.nextSample);

/** Whether anything is under way that a silence would end. */
export const isHearing = (boot: BootState): boolean => boot.analyser.runStart !== null || boot.pending.length > 0;

/** Levels of a frame on its own, filters from rest: for frames that come after they were given up. */
export const hearAlone = (input: AudioInput, samples: Float32Array, analyser: SecondAnalyser): FeatureOutput[] => {
  const out: FeatureOutput[] = [];
  const boot = startBoot(input, analyser);
  hear(boot, sequenced(input), samples, analyser, out);
  closeSecond(boot, analyser, out);
  return out;
};
