import type { ConnectionState } from '../api/live-connection.js';
import { formatCount } from '../lib/format.js';
import { useLiveVersion, useSession } from '../session.js';

const TEXT: Readonly<Record<ConnectionState['kind'], string>> = {
  connecting: 'Connecting',
  live: 'Live',
  waiting: 'Reconnecting',
  stopped: 'Stopped',
};

/** State of the live feed; `data-state` is connecting, live, waiting or stopped. */
export function ConnectionMark() {
  const { connection, store } = useSession();
  useLiveVersion();
  const detail =
    connection.kind === 'waiting'
      ? `${connection.reason}; next attempt within ${Math.ceil(connection.retryInMs / 1000)} s`
      : store.dropped > 0
        ? `${formatCount(store.dropped, 'message')} left out because this browser reads too slowly`
        : 'State of the live feed';
  return (
    <span
      className="connection"
      role="status"
      data-testid="connection-state"
      data-state={connection.kind}
      title={detail}
    >
      <span className="connection__dot" aria-hidden="true" />
      <span className="connection__text">{TEXT[connection.kind]}</span>
    </span>
  );
}
