/** Flagged seconds of the level chart as runs, and the words for them. Pure. */
import type { LevelFlag } from '../api/types.js';
import type { LevelSeries } from './level-series.js';

const TEXT: Readonly<Record<LevelFlag, string>> = {
  overload: 'Overload',
  under_range: 'Under range',
  dc_offset: 'DC offset',
  dead_microphone: 'Dead microphone',
  stuck_samples: 'Stuck samples',
};

/** A flag that a newer api may send is shown as it came. */
export const flagText = (flag: LevelFlag): string => (TEXT as Partial<Record<string, string>>)[flag] ?? flag;

export interface FlagRun {
  /** [start, end) in seconds since the epoch. */
  readonly startS: number;
  readonly endS: number;
  readonly flags: readonly LevelFlag[];
}

/** Slots that follow each other with the same flags, in order of time. */
export function flagRuns(series: Pick<LevelSeries, 'flags' | 'timesS' | 'stepMs'>): FlagRun[] {
  const runs: { startS: number; endS: number; flags: readonly LevelFlag[] }[] = [];
  series.flags.forEach((flags, index) => {
    if (flags.length === 0) return;
    const startS = series.timesS[index] ?? 0;
    const endS = startS + series.stepMs / 1000;
    const last = runs.at(-1);
    if (last !== undefined && Math.abs(last.endS - startS) < 1e-3 && last.flags.join() === flags.join())
      last.endS = endS;
    else runs.push({ startS, endS, flags });
  });
  return runs;
}

export interface FlagCount {
  readonly flag: LevelFlag;
  readonly seconds: number;
  /** Start of the newest run, milliseconds since the epoch. */
  readonly lastMs: number;
}

/** How long each flag was up, longest first. */
export function countFlags(runs: readonly FlagRun[]): FlagCount[] {
  const counts = new Map<LevelFlag, FlagCount>();
  for (const { startS, endS, flags } of runs) {
    for (const flag of flags) {
      const seconds = (counts.get(flag)?.seconds ?? 0) + endS - startS;
      counts.set(flag, { flag, seconds, lastMs: startS * 1000 });
    }
  }
  return [...counts.values()].sort((a, b) => b.seconds - a.seconds);
}
