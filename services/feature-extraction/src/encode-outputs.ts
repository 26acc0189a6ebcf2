import { LevelFlag, LogMelFrame, sensorKey, SoundLevels, topicName } from '@earshot/contracts';
import type { FeatureOutput, LogMelFeatures, SoundLevels as Levels } from '@earshot/core/features';
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

const toLogMelFrame = ({ logMel, levels, ...features }: LogMelFeatures): LogMelFrame => ({
  ...features,
  logMel: Buffer.from(logMel.buffer, logMel.byteOffset, logMel.byteLength),
  levels: levels === null ? undefined : toSoundLevels(levels),
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
