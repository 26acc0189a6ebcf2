import { formatLabel } from '../../lib/format.js';
import { viewerTimeZone } from '../../lib/time.js';
import { useSession } from '../../session.js';
import { Field } from '../../ui/field.js';
import { SensorSelect } from '../../ui/sensor-select.js';
import { useResource } from '../../ui/use-resource.js';
import type { EventFilter } from './event-filter.js';
import { EVENT_RANGES } from './event-filter.js';

interface EventFiltersProps {
  readonly filter: EventFilter;
  readonly onChange: (filter: EventFilter) => void;
}

export function EventFilters({ filter, onChange }: EventFiltersProps) {
  const { client } = useSession();
  const models = useResource('models', (signal) => client.models(signal));
  const known = new Set((models.data?.items ?? []).flatMap(({ labels }) => labels));
  if (filter.label !== '') known.add(filter.label);
  const labels = [...known].sort();
  return (
    <div className="filters" role="search" aria-label="Find events">
      <Field label="Sensor">
        {(id) => <SensorSelect id={id} value={filter.sensor} onChange={(sensor) => onChange({ ...filter, sensor })} />}
      </Field>
      <Field label="Label">
        {(id) => (
          <select
            id={id}
            className="input"
            value={filter.label}
            onChange={(event) => onChange({ ...filter, label: event.target.value })}
          >
            <option value="">All labels</option>
            {labels.map((label) => (
              <option key={label} value={label}>
                {formatLabel(label)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="State">
        {(id) => (
          <select
            id={id}
            className="input"
            value={filter.state}
            onChange={(event) => onChange({ ...filter, state: event.target.value as EventFilter['state'] })}
          >
            <option value="all">Open and closed</option>
            <option value="open">Open</option>
            <option value="closed">Closed</option>
          </select>
        )}
      </Field>
      <Field label="Review">
        {(id) => (
          <select
            id={id}
            className="input"
            value={filter.reviewed}
            onChange={(event) => onChange({ ...filter, reviewed: event.target.value as EventFilter['reviewed'] })}
          >
            <option value="all">Reviewed or not</option>
            <option value="yes">Reviewed</option>
            <option value="no">Not reviewed</option>
          </select>
        )}
      </Field>
      <Field label="Onset">
        {(id) => (
          <select
            id={id}
            className="input"
            value={filter.range}
            onChange={(event) => onChange({ ...filter, range: event.target.value as EventFilter['range'] })}
          >
            {EVENT_RANGES.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
            <option value="custom">Between two times…</option>
          </select>
        )}
      </Field>
      {filter.range === 'custom'
        ? (['from', 'to'] as const).map((limit) => (
            <Field key={limit} label={`${limit === 'from' ? 'From' : 'To'} (${viewerTimeZone()})`}>
              {(id) => (
                <input
                  id={id}
                  className="input"
                  type="datetime-local"
                  step={1}
                  value={filter[limit]}
                  onChange={(event) => onChange({ ...filter, [limit]: event.target.value })}
                />
              )}
            </Field>
          ))
        : null}
    </div>
  );
}
