/** The events page's filter, kept in the address so that a view can be shared. Pure. */

export const EVENT_RANGES = [
  { name: '1h', title: 'Last hour', spanMs: 3_600_000 },
  { name: '24h', title: 'Last 24 hours', spanMs: 86_400_000 },
  { name: '7d', title: 'Last 7 days', spanMs: 7 * 86_400_000 },
  { name: '30d', title: 'Last 30 days', spanMs: 30 * 86_400_000 },
] as const;

export type EventRangeName = (typeof EVENT_RANGES)[number]['name'];

export interface EventFilter {
  readonly sensor: string;
  readonly label: string;
  readonly state: 'all' | 'open' | 'closed';
  readonly reviewed: 'all' | 'yes' | 'no';
  /** A range up to now, or `custom` with `from` and `to` as a datetime-local field has them. */
  readonly range: EventRangeName | 'custom';
  readonly from: string;
  readonly to: string;
}

export const DEFAULT_FILTER: EventFilter = {
  sensor: '',
  label: '',
  state: 'all',
  reviewed: 'all',
  range: '24h',
  from: '',
  to: '',
};

export function parseFilter(search: string): EventFilter {
  const parameters = new URLSearchParams(search);
  const state = parameters.get('state');
  const reviewed = parameters.get('reviewed');
  const range = parameters.get('range');
  return {
    sensor: parameters.get('sensor') ?? '',
    label: parameters.get('label') ?? '',
    state: state === 'open' || state === 'closed' ? state : 'all',
    reviewed: reviewed === 'yes' || reviewed === 'no' ? reviewed : 'all',
    range: range === 'custom' ? range : (EVENT_RANGES.find(({ name }) => name === range)?.name ?? DEFAULT_FILTER.range),
    from: parameters.get('from') ?? '',
    to: parameters.get('to') ?? '',
  };
}

/** Only what differs from the default. */
export function filterSearch(filter: EventFilter): string {
  const parameters = new URLSearchParams();
  for (const name of ['sensor', 'label', 'state', 'reviewed', 'range', 'from', 'to'] as const) {
    const timeOfPreset = (name === 'from' || name === 'to') && filter.range !== 'custom';
    if (filter[name] !== DEFAULT_FILTER[name] && !timeOfPreset) parameters.set(name, filter[name]);
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

export interface EventQueryRange {
  readonly from?: string;
  readonly to?: string;
}

/** RFC 3339 limits; times of datetime-local fields are in the viewer's zone. What is not a time is left out. */
export function queryRange(filter: EventFilter, nowMs: number): EventQueryRange {
  if (filter.range !== 'custom') {
    const spanMs = EVENT_RANGES.find(({ name }) => name === filter.range)?.spanMs ?? 86_400_000;
    return { from: new Date(nowMs - spanMs).toISOString() };
  }
  return { ...limit('from', filter.from), ...limit('to', filter.to) };
}

function limit(name: 'from' | 'to', local: string): EventQueryRange {
  const atMs = Date.parse(local);
  return Number.isNaN(atMs) ? {} : { [name]: new Date(atMs).toISOString() };
}
