import {
  LevelFlag,
  LogMelFrame,
  type MachineSpectrum as MachineMessage,
  sensorKey,
  SoundLevels,
  topicName,
} from '@earshot/contracts';
import type { FeatureOutput, LogMelFeatures, SoundLevels as Levels } from '@earshot/core/features';
import type { MachineSpectrum } from '@earshot/core/machine';
import type { LevelDb, LevelFlag as Flag } from '@earshot/core/levels';
import type { OutgoingRecord } from '@earshot/platform/kafka';

/** No energy is NaN on the wire. */
const onWire = (level: LevelDb): number => level ?? NaN;

const flags: Readonly<Record<Flag, LevelFlag>> = {
  overload: LevelFlag.LEVEL_FLAG_OVERLOAD,
  under_range: LevelFlag.LEVEL_FLAG_UNDER_RANGE,
  dc_offset: LevelFlag.LEVEL_FLAG_DC_OFFSET,
  dead_microphone: LevelFlag.LEVEL_FLAG_DEAD_MICROPHONE,
  stuck_samples: LevelFlag.LEVEL_FLAG_STUCK_SAMPLES,
};

export const toSoundLevels = (levels: Levels): SoundLevels => ({
  tenantId: levels.tenantId,
  sensorId: levels.sensorId,
  bootId: levels.bootId,
  secondIndex: levels.secondIndex,
  timeUs: levels.timeUs,
  durationMs: levels.durationMs,
  sampleRateHz: levels.sampleRateHz,
  laeqDb: onWire(levels.laeqDb),
  lceqDb: onWire(levels.lceqDb),
  lzeqDb: onWire(levels.lzeqDb),
  lafmaxDb: onWire(levels.lafMaxDb),
  lcpeakDb: onWire(levels.lcPeakDb),
  laf125msDb: levels.laf125msDb.map(onWire),
  laeq125msDb: levels.laeq125msDb.map(onWire),
  thirdOctaveDb: levels.thirdOctaveDb.map(onWire),
  fullScaleDb: levels.fullScaleDb,
  calibrationId: levels.calibrationId,
  calibrationVersion: levels.calibrationVersion,
  clippedShare: levels.clippedShare,
  receivedTimeUs: levels.receivedTimeUs,
  lafminDb: onWire(levels.lafMinDb),
  lasmaxDb: onWire(levels.lasMaxDb),
  laimaxDb: onWire(levels.laiMaxDb),
  dcDb: onWire(levels.dcDb),
  flags: levels.flags.map((flag) => flags[flag]),
});

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const toMachine = ({ spectrum, envelope, lines, ...machine }: MachineSpectrum): MachineMessage => ({
  ...machine,
  spectrum: bufferOf(spectrum),
  envelope: bufferOf(envelope),
  lines: [...lines],
});

const toLogMelFrame = ({ logMel, levels, machine, ...features }: LogMelFeatures): LogMelFrame => ({
  ...features,
  logMel: bufferOf(logMel),
  levels: levels === null ? undefined : toSoundLevels(levels),
  machine: machine === undefined ? undefined : toMachine(machine),
});

/** Levels to the levels topic, features to the features topic. */
export const encodeOutput =
  (namespace: string) =>
  (output: FeatureOutput): OutgoingRecord => {
    if (output.kind === 'levels') {
      const { levels } = output;
      return {
        topic: topicName('levels', namespace),
        key: sensorKey(levels.tenantId, levels.sensorId),
        value: SoundLevels.encode(toSoundLevels(levels)).finish(),
      };
    }
    const { features } = output;
    return {
      topic: topicName('features', namespace),
      key: sensorKey(features.tenantId, features.sensorId),
      value: LogMelFrame.encode(toLogMelFrame(features)).finish(),
    };
  };
