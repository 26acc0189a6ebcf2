import { ApiError } from '../http/errors.js';

export const resolutions = ['1s', '1m', '15m', '1h', '1d'] as const;
export type Resolution = (typeof resolutions)[number];

/** Of series of windows: those that are stored. */
export const seriesResolutions = ['1m', '15m', '1h'] as const;
export type SeriesResolution = (typeof seriesResolutions)[number];

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;

/** What `from` defaults to, before `to`. */
const defaultSpanUs: Readonly<Record<Resolution, number>> = {
  '1s': HOUR_US,
  '1m': DAY_US,
  '15m': 7 * DAY_US,
  '1h': 30 * DAY_US,
  '1d': 365 * DAY_US,
};

/** Longest span that a resolution is chosen for when none is asked for. */
const chosenUpToUs: readonly (readonly [Resolution, number])[] = [
  ['1s', HOUR_US],
  ['1m', DAY_US],
  ['15m', 14 * DAY_US],
  ['1h', 60 * DAY_US],
];

/** Half-open, microseconds since the Unix epoch. */
export interface TimeRange {
  readonly fromUs: number;
  readonly toUs: number;
}

/** `to` defaults to now, `from` to `to` minus the span. @throws ApiError when the range is empty. */
export const rangeOf = (
  fromUs: number | undefined,
  toUs: number | undefined,
  nowUs: number,
  spanUs: number,
): TimeRange => {
  const to = toUs ?? nowUs;
  const from = fromUs ?? to - spanUs;
  if (from < to) return { fromUs: from, toUs: to };
  throw new ApiError(
    'bad_request',
    `from is ${new Date(from / 1000).toISOString()}, to is ${new Date(to / 1000).toISOString()}: expected from before to`,
  );
};

export const levelsRangeOf = (
  asked: {
    readonly from?: number | undefined;
    readonly to?: number | undefined;
    readonly resolution?: Resolution | undefined;
  },
  nowUs: number,
): TimeRange & { readonly resolution: Resolution } => {
  const range = rangeOf(asked.from, asked.to, nowUs, defaultSpanUs[asked.resolution ?? '1s']);
  const fits = chosenUpToUs.find(([, spanUs]) => range.toUs - range.fromUs <= spanUs)?.[0] ?? '1d';
  return { ...range, resolution: asked.resolution ?? fits };
};

/** Windows by their start, on the grid of UTC. */
export interface WindowGrid {
  /** Start of the first, s since the Unix epoch. */
  readonly startS: number;
  readonly windowS: number;
  readonly windows: number;
}

const windowSeconds: Readonly<Record<SeriesResolution, number>> = { '1m': 60, '15m': 900, '1h': 3600 };
const MOST_WINDOWS = 110_000;
/** What ClickHouse's DateTime holds, s since the Unix epoch: 1970 to 2106. */
const LAST_S = 2 ** 32 - 1;

/** Windows whose start lies in the range. @throws ApiError when there are more than 110,000 (over three years of 15 min). */
export const gridOf = ({ fromUs, toUs }: TimeRange, resolution: SeriesResolution): WindowGrid => {
  const windowS = windowSeconds[resolution];
  const first = Math.ceil(Math.max(0, fromUs / 1e6) / windowS);
  const windows = Math.max(0, Math.ceil(Math.min(LAST_S, toUs / 1e6) / windowS) - first);
  if (windows <= MOST_WINDOWS) return { startS: first * windowS, windowS, windows };
  throw new ApiError(
    'bad_request',
    `from and to span ${windows} windows of ${resolution}: expected at most ${MOST_WINDOWS}; ask for a shorter range or a coarser resolution`,
  );
};

export const listRangeOf = (
  asked: { readonly from?: number | undefined; readonly to?: number | undefined },
  nowUs: number,
  spanHours: number,
): TimeRange => rangeOf(asked.from, asked.to, nowUs, spanHours * HOUR_US);

const DAY_MS = 86_400_000;
const MOST_DAYS = 400;

/** Half-open range of dates, YYYY-MM-DD. */
export interface DateRange {
  readonly from: string;
  readonly to: string;
}

/** `to` defaults to tomorrow (UTC), `from` to 31 days before `to`. @throws ApiError when the range is empty or longer than 400 days. */
export const dateRangeOf = (from: string | undefined, to: string | undefined, nowUs: number): DateRange => {
  const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const toMs = to === undefined ? Math.floor(nowUs / 1000 / DAY_MS) * DAY_MS + DAY_MS : Date.parse(to);
  const fromMs = from === undefined ? toMs - 31 * DAY_MS : Date.parse(from);
  const days = Math.round((toMs - fromMs) / DAY_MS);
  if (days >= 1 && days <= MOST_DAYS) return { from: dateOf(fromMs), to: dateOf(toMs) };
  throw new ApiError(
    'bad_request',
    `from is ${dateOf(fromMs)}, to is ${dateOf(toMs)}: expected from before to, at most ${MOST_DAYS} days`,
  );
};
