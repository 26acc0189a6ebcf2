import { navigate, useLocation } from '../../router.js';
import { useLiveVersion, useSession } from '../../session.js';
import { EventTable } from '../../ui/event-table.js';
import { MoreFoot } from '../../ui/more-foot.js';
import { usePageTitle } from '../../ui/page-title.js';
import { EmptyNote, ErrorNote, LoadingRows } from '../../ui/states.js';
import { useNow } from '../../ui/use-now.js';
import { usePaged } from '../../ui/use-paged.js';
import { DEFAULT_FILTER, filterSearch, parseFilter, queryRange } from './event-filter.js';
import type { EventFilter } from './event-filter.js';
import { EventFilters } from './event-filters.js';

const PAGE_SIZE = 50;
const REFRESH_MS = 5000;

export function EventsPage() {
  usePageTitle('Events');
  const { client, store } = useSession();
  useLiveVersion();
  const nowMs = useNow(5000);
  const { search } = useLocation();
  const filter = parseFilter(search);
  const change = (next: EventFilter): void => navigate(`/events${filterSearch(next)}`, { replace: true });

  const list = usePaged(
    `events ${JSON.stringify(filter)}`,
    (cursor, signal) =>
      client.events(
        {
          ...queryRange(filter, Date.now()),
          sensorId: filter.sensor,
          label: filter.label,
          open: filter.state === 'all' ? undefined : filter.state === 'open',
          reviewed: filter.reviewed === 'all' ? undefined : filter.reviewed === 'yes',
          limit: PAGE_SIZE,
          cursor,
        },
        signal,
      ),
    REFRESH_MS,
  );
  const sensorName = (id: string): string => store.sensors.get(id)?.name ?? id;

  return (
    <div className="page">
      <h1>Events</h1>
      <EventFilters filter={filter} onChange={change} />
      <section className="panel" aria-label="Events found" aria-busy={list.items === null}>
        {list.error === null ? null : <ErrorNote error={list.error} retry={list.reload} />}
        {list.items === null ? (
          list.error === null ? (
            <LoadingRows rows={8} label="Loading events" />
          ) : null
        ) : list.items.length === 0 ? (
          <EmptyNote title="No event matches">
            <button type="button" className="button" onClick={() => change(DEFAULT_FILTER)}>
              Clear filters
            </button>
          </EmptyNote>
        ) : (
          <EventTable events={list.items} nowMs={nowMs} sensorName={sensorName} />
        )}
        <MoreFoot list={list} one="event" />
      </section>
    </div>
  );
}
