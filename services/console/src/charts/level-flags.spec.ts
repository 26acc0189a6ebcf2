import { describe, expect, it } from '@jest/globals';
import { countFlags, flagRuns, flagText } from './level-flags.js';

describe('flags of the level chart', () => {
  const series = {
    timesS: [10, 11, 12, 13, 14],
    stepMs: 1000,
    flags: [['overload'], ['overload'], [], ['overload', 'dc_offset'], ['overload']] as const,
  };
  const runs = flagRuns({ ...series, flags: series.flags.map((flags) => [...flags]) });

  it('seconds that follow each other with the same flags are one run', () => {
    expect(runs).toEqual([
      { startS: 10, endS: 12, flags: ['overload'] },
      { startS: 13, endS: 14, flags: ['overload', 'dc_offset'] },
      { startS: 14, endS: 15, flags: ['overload'] },
    ]);
  });

  it('counts the seconds of each flag', () => {
    expect(countFlags(runs)).toEqual([
      { flag: 'overload', seconds: 4, lastMs: 14_000 },
      { flag: 'dc_offset', seconds: 1, lastMs: 13_000 },
    ]);
  });

  it('has words for them', () => {
    expect(flagText('dead_microphone')).toBe('Dead microphone');
  });
});
