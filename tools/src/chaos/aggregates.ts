import { energyMeanDb } from '@earshot/core/levels';
import type { Query } from './stored.js';

interface SecondRow {
  readonly sensor_id: string;
  readonly s: number;
  readonly duration_ms: number;
  readonly laeq_db: number | null;
  readonly lafmax_db: number | null;
  readonly laf_125ms_db: readonly (number | null)[];
}

interface ClassRow {
  readonly sensor_id: string;
  readonly s: number;
  readonly discontinuity: boolean;
  readonly labels: readonly string[];
}

interface EventRow {
  readonly sensor_id: string;
  readonly s: number;
  readonly label: string;
}

/** What all windows and days of a sensor are made from. */
interface Raw {
  readonly seconds: readonly SecondRow[];
  readonly classes: readonly ClassRow[];
  readonly events: readonly EventRow[];
}

/** A value of a stored aggregate: a count, a level or counts by label. */
type Value = number | null | Readonly<Record<string, number>>;
type Values = Readonly<Record<string, Value>>;

type AggregateRow = { readonly sensor_id: string; readonly s: number } & Values;

export interface AggregateCheck {
  readonly windows: number;
  readonly different: number;
  readonly examples: readonly string[];
}

const WINDOWS = [
  ['levels_1m', 60],
  ['levels_15m', 900],
  ['levels_1h', 3600],
] as const;
/** Sensors of the runs are on UTC with the usual periods: a day begins at 7. */
const DAY_S = 86_400;
const DAY_FROM_S = 7 * 3600;
const CLOSE = 0.005;
const HEARD = 0.5;

const largest = (values: readonly (number | null)[]): number | null =>
  values.reduce((most, value) => (most === null || (value !== null && value > most) ? value : most), null);

/** Exceeded for `percent` of the time, linear between ranks; seconds without energy are below all others. */
const exceededDb = (levelsDb: readonly (number | null)[], percent: number): number | null => {
  const ascending = levelsDb.map((level) => level ?? -Infinity).sort((a, b) => (a === b ? 0 : a - b));
  const at = (ascending.length - 1) * (1 - percent / 100);
  const [low, high] = [ascending[Math.floor(at)] ?? NaN, ascending[Math.ceil(at)] ?? NaN];
  const level = low === high ? low : low + (high - low) * (at - Math.floor(at));
  return Number.isFinite(level) ? level : null;
};

const countsOf = (labels: readonly string[]): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Object.fromEntries(counts);
};

const levelsOf = (seconds: readonly SecondRow[]): Values => ({
  covered_ms: seconds.reduce((sum, one) => sum + one.duration_ms, 0),
  laeq_db: energyMeanDb(
    seconds.map((one) => one.laeq_db),
    seconds.map((one) => one.duration_ms),
  ),
  lafmax_db: largest(seconds.map((one) => one.lafmax_db)),
});

const windowOf = ({ seconds, classes, events }: Raw): Values => {
  const laf = seconds.flatMap((one) => one.laf_125ms_db);
  const scored = classes.filter((one) => !one.discontinuity);
  const shares = Object.entries(countsOf(scored.flatMap(({ labels }) => labels)));
  return {
    seconds: seconds.length,
    ...levelsOf(seconds),
    la10_db: exceededDb(laf, 10),
    la50_db: exceededDb(laf, 50),
    la90_db: exceededDb(laf, 90),
    class_shares: Object.fromEntries(shares.map(([label, count]) => [label, count / scored.length])),
    event_counts: countsOf(events.map(({ label }) => label)),
  };
};

const isSame = (a: Value | undefined, b: Value | undefined): boolean => {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= CLOSE;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isSame(a[name], b[name]));
};

const groupBy = <T extends { readonly sensor_id: string; readonly s: number }>(
  rows: readonly T[],
  startOf: (s: number) => number,
): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const id = `${row.sensor_id} ${startOf(row.s)}`;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  return groups;
};

interface Kind {
  readonly table: string;
  readonly startOf: (s: number) => number;
  readonly expected: (raw: Raw) => Values;
}

const kinds: readonly Kind[] = [
  ...WINDOWS.map(([table, sizeS]): Kind => {
    return { table, startOf: (s) => Math.floor(s / sizeS) * sizeS, expected: windowOf };
  }),
  {
    table: 'levels_1d',
    startOf: (s) => Math.floor((s - DAY_FROM_S) / DAY_S) * DAY_S + DAY_FROM_S,
    expected: ({ seconds }) => levelsOf(seconds),
  },
];

/** Every window and day against what its stored seconds, classifications and events give in plain TypeScript. */
export const checkAggregates = async (query: Query, prefix: string): Promise<AggregateCheck> => {
  const select = <T>(columns: string, table: string, time = 'time'): Promise<readonly T[]> =>
    query<T>(
      `SELECT sensor_id, toFloat64(toUnixTimestamp64Micro(${time})) / 1e6 AS s, ${columns} FROM earshot.${table}
       WHERE startsWith(sensor_id, '${prefix}') ORDER BY sensor_id, s`,
    );
  const raw: Raw = {
    seconds: await select('duration_ms, laeq_db, lafmax_db, laf_125ms_db', 'levels_1s'),
    classes: await select(
      `discontinuity, arrayFilter((label, p) -> p >= ${HEARD}, mapKeys(probabilities), mapValues(probabilities)) AS labels`,
      'classifications',
    ),
    events: await select('label', 'events', 'onset'),
  };
  const examples: string[] = [];
  let [windows, different] = [0, 0];
  for (const { table, startOf, expected } of kinds) {
    const groups = {
      seconds: groupBy(raw.seconds, startOf),
      classes: groupBy(raw.classes, startOf),
      events: groupBy(raw.events, startOf),
    };
    const stored = new Map(
      (
        await query<AggregateRow>(
          `SELECT *, toInt64(toUnixTimestamp(time)) AS s FROM earshot.${table} WHERE startsWith(sensor_id, '${prefix}')
           SETTINGS output_format_json_quote_64bit_integers = 0`,
        )
      ).map((row) => [`${row.sensor_id} ${row.s}`, row]),
    );
    for (const id of new Set([...groups.seconds.keys(), ...stored.keys()])) {
      const row = stored.get(id);
      const wanted = expected({
        seconds: groups.seconds.get(id) ?? [],
        classes: groups.classes.get(id) ?? [],
        events: groups.events.get(id) ?? [],
      });
      windows += 1;
      const wrong = Object.keys(wanted).filter((name) => !isSame(row?.[name], wanted[name]));
      if (wrong.length === 0) continue;
      different += 1;
      const told = wrong.map(
        (name) => `${name} ${JSON.stringify(row?.[name])}, expected ${JSON.stringify(wanted[name])}`,
      );
      if (examples.length < 5) examples.push(`${table} ${id}: ${told.join('; ')}`);
    }
  }
  return { windows, different, examples };
};
