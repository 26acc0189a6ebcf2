/** Lday, Levening, Lnight and Lden of each day on the site's own clock. */
import type { DayLevel } from '../../api/types.js';
import { formatDb, formatPercent, levelReference } from '../../lib/format.js';
import { zoneText } from '../../lib/time.js';
import { useSession } from '../../session.js';
import { Badge } from '../../ui/badge.js';
import { EmptyNote, ErrorNote, LoadingRows } from '../../ui/states.js';
import { useNow } from '../../ui/use-now.js';
import { useResource } from '../../ui/use-resource.js';
import { completeWhere, dayName, periodHours } from './day-text.js';

interface DaysPanelProps {
  readonly id: string;
  /** IANA zone of the site; empty: UTC. */
  readonly timeZone: string;
}

const REFRESH_MS = 5 * 60_000;
const HEADS = ['Lday', 'Levening', 'Lnight', 'Lden'] as const;

export function DaysPanel({ id, timeZone }: DaysPanelProps) {
  const { client } = useSession();
  const { data, error, reload } = useResource(`days ${id}`, (signal) => client.days(id, signal), REFRESH_MS);
  const nowMs = useNow(60_000);
  const zone = data?.items.at(-1)?.timeZone ?? (timeZone === '' ? 'UTC' : timeZone);
  return (
    <section className="panel" aria-labelledby="days-title" data-testid="days-panel">
      <div className="panel__head">
        <h2 id="days-title">Days, last 31</h2>
        <span className="muted small">on the site’s clock: {zoneText(zone, nowMs)}</span>
      </div>
      {data === null && error !== null ? <ErrorNote error={error} retry={reload} /> : null}
      {data === null && error === null ? <LoadingRows rows={3} label="Loading days" /> : null}
      {data === null ? null : <Days items={data.items.toReversed()} />}
    </section>
  );
}

function Days({ items }: { readonly items: readonly DayLevel[] }) {
  if (items.length === 0) return <EmptyNote title="No day has levels yet" />;
  return (
    <table className="table table--days" role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">
            Day
          </th>
          {HEADS.map((head) => (
            <th key={head} role="columnheader" scope="col" className="number">
              {head}
            </th>
          ))}
          <th role="columnheader" scope="col">
            Completeness
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {items.map((day) => (
          <DayRow key={day.date} day={day} />
        ))}
      </tbody>
    </table>
  );
}

function DayRow({ day }: { readonly day: DayLevel }) {
  const { unit } = levelReference(day.calibrationId);
  const { periods } = day;
  const values = [
    { name: 'Lday', level: day.ldayDb, title: periodHours(periods.day, day.timeZone) },
    { name: 'Levening', level: day.leveningDb, title: periodHours(periods.evening, day.timeZone) },
    { name: 'Lnight', level: day.lnightDb, title: periodHours(periods.night, day.timeZone) },
    { name: 'Lden', level: day.ldenDb, title: 'Evening +5 dB, night +10 dB' },
  ];
  const missing = completeWhere(periods);
  return (
    <tr role="row" data-testid="day-row" data-date={day.date}>
      <th role="rowheader" scope="row">
        {dayName(day.date)}
      </th>
      {values.map(({ name, level, title }) => (
        <td key={name} role="cell" className="number" title={title} data-name={name}>
          {formatDb(level)} <small>{unit}</small>
        </td>
      ))}
      <td role="cell" className="table__complete" title={missing}>
        {formatPercent(day.completeness, 1)} {day.completeness < 0.9 ? <Badge tone="warning">Incomplete</Badge> : null}
      </td>
    </tr>
  );
}
