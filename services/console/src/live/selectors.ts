/** Views over all sensors: lists, counts, filters. Pure. */
import type { Alert } from '../api/types.js';
import type { Presence, SensorLive } from './sensor-live.js';

const SEVERITY_ORDER = { critical: 0, warning: 1, info: 2 } as const;

/** Open alerts of all sensors: critical first, then newest first. */
export function openAlerts(sensors: Iterable<SensorLive>): Alert[] {
  const alerts: Alert[] = [];
  for (const sensor of sensors) alerts.push(...sensor.alerts.values());
  return alerts.sort(
    (a, b) => SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] || b.raisedAt.localeCompare(a.raisedAt),
  );
}

export type PresenceFilter = 'in-service' | Presence;
export type SortOrder = 'name' | 'level' | 'attention';

export interface SensorFilter {
  readonly text: string;
  readonly presence: PresenceFilter;
  readonly sort: SortOrder;
}

export function countPresence(sensors: Iterable<SensorLive>): Readonly<Record<PresenceFilter, number>> {
  const counts = { 'in-service': 0, online: 0, silent: 0, retired: 0, 'never-heard': 0 };
  for (const { presence } of sensors) {
    counts[presence]++;
    if (presence !== 'retired') counts['in-service']++;
  }
  return counts;
}

/** What of a sensor deserves a look, highest first: alerts, anomaly, silence, open events. */
export function attention(sensor: SensorLive): number {
  return (
    (sensor.alerts.size > 0 ? 8 : 0) +
    (sensor.anomaly?.state === 'anomalous' ? 4 : 0) +
    (sensor.presence === 'silent' ? 2 : 0) +
    (sensor.openEvents.size > 0 ? 1 : 0)
  );
}

export function selectSensors(sensors: Iterable<SensorLive>, filter: SensorFilter): SensorLive[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = [...sensors].filter(
    (sensor) =>
      (filter.presence === 'in-service' ? sensor.presence !== 'retired' : sensor.presence === filter.presence) &&
      words.every((word) => searchText(sensor).includes(word)),
  );
  const byName = (a: SensorLive, b: SensorLive): number =>
    collator.compare(a.name, b.name) || collator.compare(a.id, b.id);
  switch (filter.sort) {
    case 'name':
      return chosen.sort(byName);
    case 'level':
      return chosen.sort((a, b) => (b.level?.laeqDb ?? -999) - (a.level?.laeqDb ?? -999) || byName(a, b));
    case 'attention':
      return chosen.sort((a, b) => attention(b) - attention(a) || byName(a, b));
  }
}

const collator = new Intl.Collator('en', { numeric: true });

function searchText(sensor: SensorLive): string {
  const site = sensor.record?.placement.site ?? '';
  return `${sensor.id} ${sensor.name} ${site} ${sensor.heard?.label.replaceAll('_', ' ') ?? ''}`.toLowerCase();
}
