import { useEffect, useRef, useState } from 'react';
import { openAlerts } from '../live/selectors.js';
import { useLiveVersion, useSession } from '../session.js';

/** Tells assistive technology, politely, of alerts raised while the page is open. */
export function AlertAnnouncer() {
  const { store } = useSession();
  const version = useLiveVersion();
  const known = useRef<Set<string> | null>(null);
  const [text, setText] = useState('');

  useEffect(() => {
    if (!store.loaded) return;
    const alerts = openAlerts(store.sensors.values());
    const before = known.current;
    known.current = new Set(alerts.map(({ id }) => id));
    if (before === null) return;
    const raised = alerts.filter(({ id }) => !before.has(id));
    const first = raised[0];
    if (first === undefined) return;
    const more = raised.length > 1 ? `, and ${raised.length - 1} more` : '';
    setText(`Alert, ${first.severity}: ${first.message}${more}`);
  }, [store, version]);

  return (
    <div className="visually-hidden" aria-live="polite" aria-atomic="true">
      {text}
    </div>
  );
}
