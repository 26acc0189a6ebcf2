import { useMemo, useState } from 'react';
import type { PresenceFilter, SensorFilter, SortOrder } from '../../live/selectors.js';
import { countPresence, openAlerts, selectSensors } from '../../live/selectors.js';
import { useLiveVersion, useSession } from '../../session.js';
import { PRESENCE_TEXT } from '../../ui/badge.js';
import { PlusIcon, SearchIcon } from '../../ui/icons.js';
import { usePageTitle } from '../../ui/page-title.js';
import { EmptyNote, ErrorNote, LoadingRows } from '../../ui/states.js';
import { ActiveAlerts } from './active-alerts.js';
import { AddSensorDialog } from './add-sensor-dialog.js';
import { NoSensors } from './no-sensors.js';
import { SensorGrid } from './sensor-grid.js';

const PRESENCE_FILTERS: readonly PresenceFilter[] = ['in-service', 'online', 'silent', 'never-heard', 'retired'];
const filterName = (filter: PresenceFilter): string => (filter === 'in-service' ? 'All' : PRESENCE_TEXT[filter]);

export function OverviewPage() {
  usePageTitle('Sensors');
  const { store, loadError } = useSession();
  const version = useLiveVersion();
  const [filter, setFilter] = useState<SensorFilter>({ text: '', presence: 'in-service', sort: 'name' });
  const [adding, setAdding] = useState(false);

  // The store is mutable: its version says when these have to be made anew.
  const counts = useMemo(() => countPresence(store.sensors.values()), [store, version]); // eslint-disable-line react-hooks/exhaustive-deps
  const shown = useMemo(() => selectSensors(store.sensors.values(), filter), [store, version, filter]); // eslint-disable-line react-hooks/exhaustive-deps
  const alerts = openAlerts(store.sensors.values());
  const dialog = adding ? <AddSensorDialog onClose={() => setAdding(false)} /> : null;

  if (!store.loaded && store.sensors.size === 0) {
    return (
      <div className="page">
        <h1>Sensors</h1>
        {loadError === null ? <LoadingRows rows={6} label="Loading sensors" /> : <ErrorNote error={loadError} />}
      </div>
    );
  }
  if (store.sensors.size === 0) {
    return (
      <div className="page">
        <h1>Sensors</h1>
        <NoSensors onAdd={() => setAdding(true)} />
        {dialog}
      </div>
    );
  }
  return (
    <div className="page">
      {alerts.length > 0 ? <ActiveAlerts alerts={alerts} /> : null}
      <div className="page__head">
        <h1>Sensors</h1>
        <button type="button" className="button button--primary" onClick={() => setAdding(true)}>
          <PlusIcon />
          Add sensor
        </button>
      </div>
      <div className="toolbar" role="search" aria-label="Find sensors">
        <div className="search">
          <SearchIcon />
          <input
            className="input"
            type="search"
            aria-label="Search by name, id, site or sound"
            placeholder="Search name, id, site, sound"
            value={filter.text}
            onChange={(event) => setFilter({ ...filter, text: event.target.value })}
          />
        </div>
        <div className="segments" role="group" aria-label="State">
          {PRESENCE_FILTERS.filter((presence) => counts[presence] > 0 || presence === filter.presence).map(
            (presence) => (
              <button
                key={presence}
                type="button"
                className="segment"
                aria-pressed={filter.presence === presence}
                onClick={() => setFilter({ ...filter, presence })}
              >
                {filterName(presence)} <span className="segment__count">{counts[presence].toLocaleString('en')}</span>
              </button>
            ),
          )}
        </div>
        <label className="inline-field">
          Sort
          <select
            className="input"
            value={filter.sort}
            onChange={(event) => setFilter({ ...filter, sort: event.target.value as SortOrder })}
          >
            <option value="name">Name</option>
            <option value="level">Level, loudest first</option>
            <option value="attention">Needs attention</option>
          </select>
        </label>
      </div>
      {loadError === null ? null : <ErrorNote error={loadError} />}
      {shown.length === 0 ? (
        <EmptyNote title="No sensor matches">
          <button
            type="button"
            className="button"
            onClick={() => setFilter({ ...filter, text: '', presence: 'in-service' })}
          >
            Clear search
          </button>
        </EmptyNote>
      ) : (
        <SensorGrid sensors={shown} version={version} />
      )}
      {dialog}
    </div>
  );
}
