import type { Alert } from '../api/types.js';
import { formatDuration } from '../lib/format.js';
import { parseTime } from '../lib/time.js';
import { Link } from '../router.js';
import { sensorAddress } from '../routes.js';
import { Badge, SEVERITY_TEXT, SEVERITY_TONE } from './badge.js';
import { Moment } from './moment.js';

interface AlertListProps {
  readonly alerts: readonly Alert[];
  readonly nowMs: number;
  /** With the sensor's name, by id, as a link. */
  readonly sensorName?: (id: string) => string;
}

export function AlertList({ alerts, nowMs, sensorName }: AlertListProps) {
  return (
    <ul className="rows" role="list">
      {alerts.map((alert) => (
        <li key={alert.id} className="row" data-testid="alert-row" data-state={alert.state}>
          <div className="row__main">
            <Badge tone={alert.state === 'raised' ? SEVERITY_TONE[alert.severity] : 'neutral'}>
              {alert.state === 'raised' ? SEVERITY_TEXT[alert.severity] : 'Resolved'}
            </Badge>
            <span className="row__text">{alert.message}</span>
            <span className="row__time muted">
              <Moment time={alert.raisedAt} nowMs={nowMs} />
            </span>
          </div>
          <p className="row__detail muted">
            {sensorName === undefined ? null : (
              <Link to={sensorAddress(alert.sensorId)}>{sensorName(alert.sensorId)}</Link>
            )}
            <span>Rule {alert.ruleName}</span>
            <span>{lasted(alert, nowMs)}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}

function lasted(alert: Alert, nowMs: number): string {
  const raisedMs = parseTime(alert.raisedAt);
  const resolvedMs = parseTime(alert.resolvedAt);
  if (resolvedMs === null) return `active for ${formatDuration(Math.max(0, Math.round((nowMs - raisedMs) / 1000)))}`;
  return `lasted ${formatDuration(Math.max(0, (resolvedMs - raisedMs) / 1000))}`;
}
