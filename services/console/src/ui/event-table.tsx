import type { SoundEvent } from '../api/types.js';
import { formatDb, formatDuration, formatLabel, formatPercent, levelReference } from '../lib/format.js';
import { Link } from '../router.js';
import { sensorAddress } from '../routes.js';
import { Badge } from './badge.js';
import { Moment } from './moment.js';

interface EventTableProps {
  readonly events: readonly SoundEvent[];
  readonly nowMs: number;
  /** With a column for the sensor: its name by id. */
  sensorName?(this: void, id: string): string;
}

/** On narrow screens each row becomes a block; `data-label` names its cells there. */
export function EventTable({ events, nowMs, sensorName }: EventTableProps) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Label</th>
          {sensorName === undefined ? null : <th scope="col">Sensor</th>}
          <th scope="col">Onset</th>
          <th scope="col" className="number">
            Duration
          </th>
          <th scope="col" className="number">
            Confidence
          </th>
          <th scope="col" className="number">
            LAeq
          </th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.id} data-testid="event-row" data-label-name={event.label} data-phase={event.phase}>
            <th scope="row" className="table__label">
              {formatLabel(event.label)}
            </th>
            {sensorName === undefined ? null : (
              <td data-label="Sensor">
                <Link to={sensorAddress(event.sensorId)}>{sensorName(event.sensorId)}</Link>
              </td>
            )}
            <td data-label="Onset">
              <Moment time={event.onset} nowMs={nowMs} />
            </td>
            <td data-label="Duration" className="number">
              {formatDuration(event.durationS)}
            </td>
            <td data-label="Confidence" className="number">
              {formatPercent(event.confidence)}
            </td>
            <td data-label="LAeq" className="number" title={levelReference(event.calibrationId).label}>
              {formatDb(event.laeqDb)} <small>{levelReference(event.calibrationId).unit}</small>
            </td>
            <td data-label="State">
              {event.phase === 'close' ? <Badge>Closed</Badge> : <Badge tone="accent">Open</Badge>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
