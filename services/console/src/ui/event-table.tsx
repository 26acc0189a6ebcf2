import type { SoundEvent } from '../api/types.js';
import { formatDb, formatDuration, formatLabel, formatPercent, levelReference } from '../lib/format.js';
import { ReviewCell } from '../review/review-cell.js';
import { Link } from '../router.js';
import { sensorAddress } from '../routes.js';
import { Badge } from './badge.js';
import { Moment } from './moment.js';

interface EventTableProps {
  readonly events: readonly SoundEvent[];
  readonly nowMs: number;
  /** With a column for the sensor: its name by id. */
  readonly sensorName?: (id: string) => string;
}

/** On narrow screens a row becomes two lines of text; the roles keep it a table for assistive technology. */
export function EventTable({ events, nowMs, sensorName }: EventTableProps) {
  return (
    <table className="table" role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">
            Label
          </th>
          {sensorName === undefined ? null : (
            <th role="columnheader" scope="col">
              Sensor
            </th>
          )}
          <th role="columnheader" scope="col">
            Onset
          </th>
          <th role="columnheader" scope="col" className="number">
            Duration
          </th>
          <th role="columnheader" scope="col" className="number">
            Confidence
          </th>
          <th role="columnheader" scope="col" className="number">
            LAeq
          </th>
          <th role="columnheader" scope="col">
            State
          </th>
          <th role="columnheader" scope="col">
            Review
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {events.map((event) => (
          <tr key={event.id} role="row" data-testid="event-row" data-label-name={event.label} data-phase={event.phase}>
            <th role="rowheader" scope="row" className="table__label">
              {formatLabel(event.label)}
            </th>
            {sensorName === undefined ? null : (
              <td role="cell">
                <Link to={sensorAddress(event.sensorId)}>{sensorName(event.sensorId)}</Link>
              </td>
            )}
            <td role="cell">
              <Moment time={event.onset} nowMs={nowMs} />
            </td>
            <td role="cell" className="number">
              {formatDuration(event.durationS)}
            </td>
            <td role="cell" className="number">
              {formatPercent(event.confidence)}
            </td>
            <td role="cell" className="number" title={levelReference(event.calibrationId).label}>
              {formatDb(event.laeqDb)} <small>{levelReference(event.calibrationId).unit}</small>
            </td>
            <td role="cell" className="table__state">
              {event.phase === 'close' ? <Badge>Closed</Badge> : <Badge tone="accent">Open</Badge>}
            </td>
            <td role="cell" className="table__review">
              <ReviewCell event={event} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
