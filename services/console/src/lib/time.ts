/** Times in the viewer's zone. Pure besides the browser's own zone. */

export function viewerTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `Europe/Paris, UTC+1` at the given instant. */
export function zoneText(timeZone: string, atMs: number): string {
  const part = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' })
    .formatToParts(atMs)
    .find(({ type }) => type === 'timeZoneName');
  const offset = (part?.value ?? 'GMT').replace('GMT', 'UTC').replace('-', '−');
  return timeZone === 'UTC' ? timeZone : `${timeZone}, ${offset}`;
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };

/** 14:03:09, in 24 h form. */
export function formatClock(atMs: number, timeZone?: string): string {
  return format(atMs, CLOCK, timeZone);
}

/** 22 Nov, 14:03:09; without the day when it is the same day as `nowMs`. */
export function formatMoment(atMs: number, nowMs: number, timeZone?: string): string {
  const clock = formatClock(atMs, timeZone);
  const day = format(atMs, DAY, timeZone);
  return day === format(nowMs, DAY, timeZone) ? clock : `${day}, ${clock}`;
}

/** The whole of it, with the year and the zone: for titles. */
export function formatFull(atMs: number, timeZone: string): string {
  return `${format(atMs, { ...DAY, year: 'numeric', ...CLOCK }, timeZone)} (${zoneText(timeZone, atMs)})`;
}

/** now, 12 s ago, 5 min ago, 3 h ago, 2 d ago. */
export function formatAgo(atMs: number, nowMs: number): string {
  const elapsedS = Math.max(0, Math.round((nowMs - atMs) / 1000));
  if (elapsedS < 5) return 'just now';
  if (elapsedS < 60) return `${elapsedS} s ago`;
  if (elapsedS < 3600) return `${Math.floor(elapsedS / 60)} min ago`;
  if (elapsedS < 86_400) return `${Math.floor(elapsedS / 3600)} h ago`;
  return `${Math.floor(elapsedS / 86_400)} d ago`;
}

/** Milliseconds since the epoch of an RFC 3339 time; null stays null. */
export function parseTime(time: string): number;
export function parseTime(time: string | null): number | null;
export function parseTime(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function format(atMs: number, options: Intl.DateTimeFormatOptions, timeZone?: string): string {
  const name = `${timeZone ?? ''}|${Object.keys(options).join()}`;
  let formatter = formatters.get(name);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-GB', timeZone === undefined ? options : { ...options, timeZone });
    formatters.set(name, formatter);
  }
  return formatter.format(atMs);
}
