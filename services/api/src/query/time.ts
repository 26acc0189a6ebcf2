/** `2026-11-22T10:00:00.000Z` of microseconds since the Unix epoch; finer digits are cut. */
export const isoOf = (timeUs: number): string => new Date(Math.floor(timeUs / 1000)).toISOString();

/** null for 0, which stands for "never" on the wire. */
export const isoOrNull = (timeUs: number): string | null => (timeUs === 0 ? null : isoOf(timeUs));

const rfc3339 = /^(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;

/** Microseconds since the Unix epoch of an RFC 3339 time, or undefined. */
export const microsOf = (text: string): number | undefined => {
  const [, base, fraction = '', zone] = rfc3339.exec(text) ?? [];
  if (base === undefined || zone === undefined) return undefined;
  const ms = Date.parse(`${base}${zone}`.toUpperCase());
  if (Number.isNaN(ms) || !sameDay(base, zone, ms)) return undefined;
  return ms * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
};

/** False for the 30th of February, which Date.parse moves on. */
const sameDay = (base: string, zone: string, ms: number): boolean => {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):(\d{2})$/.exec(zone) ?? [];
  const offsetMin = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  return new Date(ms + offsetMin * 60_000).toISOString().slice(0, 10) === base.slice(0, 10);
};
