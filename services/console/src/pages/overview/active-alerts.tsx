import type { Alert } from '../../api/types.js';
import { Link } from '../../router.js';
import { sensorAddress } from '../../routes.js';
import { Badge, SEVERITY_TEXT, SEVERITY_TONE } from '../../ui/badge.js';
import { AlertIcon } from '../../ui/icons.js';
import { Moment } from '../../ui/moment.js';
import { useNow } from '../../ui/use-now.js';

const SHOWN = 3;

export function ActiveAlerts({ alerts }: { readonly alerts: readonly Alert[] }) {
  const nowMs = useNow(5000);
  const rest = alerts.length - SHOWN;
  return (
    <section className="banner" aria-label="Active alerts">
      <AlertIcon />
      <ul className="banner__list" role="list">
        {alerts.slice(0, SHOWN).map((alert) => (
          <li key={alert.id} data-testid="alert-row">
            <Badge tone={SEVERITY_TONE[alert.severity]}>{SEVERITY_TEXT[alert.severity]}</Badge>
            <Link to={sensorAddress(alert.sensorId)}>{alert.message}</Link>
            <span className="muted">
              <Moment time={alert.raisedAt} nowMs={nowMs} ago />
            </span>
          </li>
        ))}
      </ul>
      <Link className="banner__all" to="/alerts">
        {rest > 0 ? `All ${alerts.length} alerts` : 'Alerts'}
      </Link>
    </section>
  );
}
