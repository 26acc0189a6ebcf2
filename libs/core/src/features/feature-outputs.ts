import { FRONT_END } from '../dsp/index.js';
import { shiftLevels } from '../levels/index.js';
import { findLines, type MachineSettings, type MachineSpectrum } from '../machine/index.js';
import type { AnalysedPart, ClosedSecond } from './second-analyser.js';
import type { CalibrationInForce, FeatureOutput, LogMelFeatures, SoundLevels } from './types.js';

/** What the outputs of a boot share. */
export interface BootIdentity {
  readonly tenantId: string;
  readonly sensorId: string;
  readonly bootId: string;
  /** Event time of sample 0. */
  readonly anchorTimeUs: number;
  readonly sampleRateHz: number;
}

export const sampleTimeUs = ({ anchorTimeUs, sampleRateHz }: BootIdentity, sampleIndex: number): number => {
  const second = Math.floor(sampleIndex / sampleRateHz);
  return anchorTimeUs + second * 1e6 + Math.round(((sampleIndex - second * sampleRateHz) * 1e6) / sampleRateHz);
};

const HOP_US = (FRONT_END.hopLength * 1e6) / FRONT_END.sampleRateHz;

const nothing = new Uint8Array(0);

/** The run ends at `sampleIndex`. */
export const discontinuity = (boot: BootIdentity, sampleIndex: number, receivedTimeUs: number): FeatureOutput => ({
  kind: 'features',
  features: {
    tenantId: boot.tenantId,
    sensorId: boot.sensorId,
    bootId: boot.bootId,
    secondIndex: Math.floor(sampleIndex / boot.sampleRateHz),
    timeUs: sampleTimeUs(boot, sampleIndex),
    frontEndId: FRONT_END.id,
    firstFrameIndex: 0,
    frameCount: 0,
    melBands: FRONT_END.melBands,
    logMel: nothing,
    levels: null,
    discontinuity: true,
    receivedTimeUs,
  },
});

const frames = (
  boot: BootIdentity,
  part: Extract<AnalysedPart, { kind: 'frames' }>,
  levels: SoundLevels,
  machine: MachineSpectrum | null,
): LogMelFeatures => ({
  tenantId: boot.tenantId,
  sensorId: boot.sensorId,
  bootId: boot.bootId,
  secondIndex: levels.secondIndex,
  timeUs: sampleTimeUs(boot, part.runStart) + part.firstFrameIndex * HOP_US,
  frontEndId: FRONT_END.id,
  firstFrameIndex: part.firstFrameIndex,
  frameCount: part.frameCount,
  melBands: FRONT_END.melBands,
  logMel: part.codes,
  levels,
  discontinuity: false,
  receivedTimeUs: levels.receivedTimeUs,
  ...(machine === null ? {} : { machine }),
});

/** What was in force at the first sample of the second. */
export interface InForce {
  readonly calibration: CalibrationInForce | null;
  readonly machine?: MachineSettings | null;
}

/** One levels output, then what the second has of mel frames and ends of runs, in order. */
export const secondOutputs = (
  boot: BootIdentity,
  second: ClosedSecond,
  { calibration, machine }: InForce,
  receivedTimeUs: number,
): readonly FeatureOutput[] => {
  const { tenantId, sensorId, bootId, sampleRateHz } = boot;
  const levels: SoundLevels = {
    tenantId,
    sensorId,
    bootId,
    secondIndex: second.secondIndex,
    timeUs: sampleTimeUs(boot, second.firstSample),
    durationMs: Math.max(1, Math.round((second.sampleCount * 1000) / sampleRateHz)),
    sampleRateHz,
    ...shiftLevels(second.levels, calibration?.fullScaleDb ?? 0),
    fullScaleDb: calibration?.fullScaleDb ?? 0,
    calibrationId: calibration?.calibrationId ?? '',
    calibrationVersion: calibration?.version ?? 0,
    receivedTimeUs,
  };
  const { long } = second;
  const spectrum = long === null || machine == null ? null : findLines(long.spectra, machine);
  return [
    { kind: 'levels', levels },
    ...second.parts.map((part): FeatureOutput =>
      part.kind === 'break'
        ? discontinuity(boot, part.sampleIndex, receivedTimeUs)
        : {
            kind: 'features',
            features: frames(boot, part, levels, part.runStart === long?.runStart ? spectrum : null),
          },
    ),
  ];
};
