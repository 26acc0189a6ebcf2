/** Words for the days of a site. Pure. */
import type { DayLevel } from '../../api/types.js';
import { formatPercent } from '../../lib/format.js';

type Periods = DayLevel['periods'];

/** `Sat 24 Oct` of a date without a zone. */
export function dayName(date: string): string {
  const atMs = Date.parse(`${date}T12:00:00Z`);
  if (Number.isNaN(atMs)) return date;
  const options = { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(atMs).replace(',', '');
}

/** `22:00–07:00, 9 h`, on the site's clock: a night over a change of the clocks has another length. */
export function periodHours({ from, to }: Periods['day'], timeZone: string): string {
  const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone } as const;
  const clock = new Intl.DateTimeFormat('en-GB', options);
  const hours = (Date.parse(to) - Date.parse(from)) / 3_600_000;
  return `${clock.format(Date.parse(from))}–${clock.format(Date.parse(to))}, ${Number(hours.toFixed(2))} h`;
}

/** Completeness of each period in one line. */
export function completeWhere({ day, evening, night }: Periods): string {
  return [
    `day ${formatPercent(day.completeness, 1)}`,
    `evening ${formatPercent(evening.completeness, 1)}`,
    `night ${formatPercent(night.completeness, 1)}`,
  ].join(', ');
}
