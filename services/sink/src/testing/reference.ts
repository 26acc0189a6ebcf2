import type { Classification, SoundEvent, SoundLevels } from '@earshot/contracts';

/** What one window should hold, computed in plain TypeScript from the messages: the oracle of the SQL. */
export interface ReferenceWindow {
  readonly seconds: number;
  readonly coveredMs: number;
  readonly laeqDb: number | null;
  readonly lafmaxDb: number | null;
  readonly la10Db: number | null;
  readonly la50Db: number | null;
  readonly la90Db: number | null;
  readonly classShares: Readonly<Record<string, number>>;
  readonly eventCounts: Readonly<Record<string, number>>;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** numpy's default percentile: linear interpolation between closest ranks. */
const quantile = (sorted: readonly number[], q: number): number => {
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
};

/** `levels`, `classifications` and `events` are those of one sensor and window, without duplicates. */
export const referenceWindow = (
  levels: readonly SoundLevels[],
  classifications: readonly Classification[],
  events: readonly SoundEvent[],
): ReferenceWindow => {
  const calibrated = levels
    .filter((row) => row.calibrationId !== '')
    .sort((a, b) => a.calibrationVersion - b.calibrationVersion || a.timeUs - b.timeUs);
  const shift = (row: SoundLevels): number => (row.calibrationId === '' ? (calibrated[0]?.fullScaleDb ?? 0) : 0);
  const coveredMs = levels.reduce((sum, row) => sum + row.durationMs, 0);
  const energy = levels
    .filter((row) => Number.isFinite(row.laeqDb))
    .reduce((sum, row) => sum + row.durationMs * 10 ** ((row.laeqDb + shift(row)) / 10), 0);
  const laf = levels
    .flatMap((row) => row.laf125msDb.map((value) => (Number.isFinite(value) ? value + shift(row) : -Infinity)))
    .sort((a, b) => (a === b ? 0 : a - b));
  const windows = classifications.filter((row) => !row.discontinuity);
  const hits = new Map<string, number>();
  for (const { label, probability } of windows.flatMap((row) => row.classes)) {
    if (probability >= 0.5) hits.set(label, (hits.get(label) ?? 0) + 1);
  }
  const counts = new Map<string, number>();
  for (const event of events) counts.set(event.label, (counts.get(event.label) ?? 0) + 1);
  return {
    seconds: levels.length,
    coveredMs,
    laeqDb: finite(10 * Math.log10(energy / coveredMs)),
    lafmaxDb: finite(
      Math.max(...levels.map((row) => (Number.isFinite(row.lafmaxDb) ? row.lafmaxDb + shift(row) : -Infinity))),
    ),
    la10Db: finite(quantile(laf, 0.9)),
    la50Db: finite(quantile(laf, 0.5)),
    la90Db: finite(quantile(laf, 0.1)),
    classShares: Object.fromEntries([...hits].map(([label, n]) => [label, n / windows.length])),
    eventCounts: Object.fromEntries(counts),
  };
};
