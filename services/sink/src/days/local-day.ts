import type { DayHours } from '../registry/sensor-settings.js';

/**
 * A day by the clock of a site: from the start of its day period to the start of the next day's, so that a night belongs to
 * the day on which it begins (Directive 2002/49/EC, Annex I). Seconds since the Unix epoch; periods are half-open.
 */
export interface LocalDay {
  /** YYYY-MM-DD of the site's calendar. */
  readonly date: string;
  readonly dayS: number;
  readonly eveningS: number;
  readonly nightS: number;
  readonly endS: number;
}

const DAY_S = 86_400;

const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
};

/** What the site's clock shows, as if it were UTC. */
const wallOf = (timeS: number, zone: string): number => {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(timeS * 1000)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) / 1000;
};

/** When the site's clock shows `wallS`: the first time when it does so twice, the moment of the change when it never does. */
const timeOf = (wallS: number, zone: string): number => {
  const offsets = [wallS - DAY_S, wallS + DAY_S].map((nearS) => wallOf(nearS, zone) - nearS);
  const candidates = offsets.map((offsetS) => wallS - offsetS).sort((a, b) => a - b);
  return candidates.find((timeS) => wallOf(timeS, zone) === wallS) ?? Math.max(...candidates);
};

const dayFrom = (midnightS: number, zone: string, hours: DayHours): LocalDay => {
  const at = (hour: number): number => timeOf(midnightS + hour * 3600, zone);
  return {
    date: new Date(midnightS * 1000).toISOString().slice(0, 10),
    dayS: at(hours.dayFromH),
    eveningS: at(hours.eveningFromH),
    nightS: at(hours.nightFromH),
    endS: at(24 + hours.dayFromH),
  };
};

/** The day that holds `timeS`. */
export const localDayOf = (timeS: number, zone: string, hours: DayHours): LocalDay => {
  const wallS = wallOf(timeS, zone);
  const day = dayFrom(wallS - (wallS % DAY_S), zone, hours);
  return timeS >= day.dayS ? day : dayFrom(wallS - (wallS % DAY_S) - DAY_S, zone, hours);
};

/** Hours that the periods have on a day without a change of the clocks: the weights of Lden. */
export const nominalHours = ({ dayFromH, eveningFromH, nightFromH }: DayHours) => ({
  day: eveningFromH - dayFromH,
  evening: nightFromH - eveningFromH,
  night: 24 - nightFromH + dayFromH,
});
