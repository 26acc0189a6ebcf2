/** What the level history can show, each with the resolution that fits a screen. */
export interface LevelRange {
  readonly name: string;
  readonly longName: string;
  readonly live: boolean;
  readonly spanMs: number;
  readonly resolution: '1s' | '1m' | '15m';
  readonly resolutionText: string;
  readonly stepMs: number;
  readonly refreshMs: number;
}

const MINUTE_MS = 60_000;

export const LEVEL_RANGES: readonly [LevelRange, ...LevelRange[]] = [
  {
    name: '5 min live',
    longName: '5 minutes',
    live: true,
    spanMs: 5 * MINUTE_MS,
    resolution: '1s',
    resolutionText: '1 s',
    stepMs: 1000,
    refreshMs: 1000,
  },
  {
    name: '1 h',
    longName: 'hour',
    live: false,
    spanMs: 60 * MINUTE_MS,
    resolution: '1s',
    resolutionText: '1 s',
    stepMs: 1000,
    refreshMs: 15_000,
  },
  {
    name: '24 h',
    longName: '24 hours',
    live: false,
    spanMs: 24 * 60 * MINUTE_MS,
    resolution: '1m',
    resolutionText: '1 min',
    stepMs: MINUTE_MS,
    refreshMs: MINUTE_MS,
  },
  {
    name: '7 d',
    longName: '7 days',
    live: false,
    spanMs: 7 * 24 * 60 * MINUTE_MS,
    resolution: '15m',
    resolutionText: '15 min',
    stepMs: 15 * MINUTE_MS,
    refreshMs: 5 * MINUTE_MS,
  },
];
