import { LevelFlag } from './generated/earshot/levels/v1/levels.js';

const names = {
  [LevelFlag.LEVEL_FLAG_OVERLOAD]: 'overload',
  [LevelFlag.LEVEL_FLAG_UNDER_RANGE]: 'under_range',
  [LevelFlag.LEVEL_FLAG_DC_OFFSET]: 'dc_offset',
  [LevelFlag.LEVEL_FLAG_DEAD_MICROPHONE]: 'dead_microphone',
  [LevelFlag.LEVEL_FLAG_STUCK_SAMPLES]: 'stuck_samples',
} as const;

export type LevelFlagName = (typeof names)[keyof typeof names];

/** The flags of a second as JSON, tables and a sensor's excluded_flags name them. */
export const levelFlagNames: readonly LevelFlagName[] = Object.values(names);

/** Names of flags; what a newer writer may have added is left out. */
export const namesOfFlags = (flags: readonly LevelFlag[]): LevelFlagName[] =>
  flags.flatMap((flag) =>
    flag === LevelFlag.LEVEL_FLAG_UNSPECIFIED || flag === LevelFlag.UNRECOGNIZED ? [] : [names[flag]],
  );
