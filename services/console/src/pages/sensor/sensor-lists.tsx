/** Events, alerts and anomalies of one sensor: what is stored first, then what the feed tells. */
import { useEffect, useState } from 'react';
import type { Alert, Anomaly, SoundEvent } from '../../api/types.js';
import type { SensorDetail } from '../../live/sensor-detail.js';
import { MissedDialog } from '../../review/missed-dialog.js';
import { Link } from '../../router.js';
import { useSession } from '../../session.js';
import { AlertList } from '../../ui/alert-list.js';
import { Badge } from '../../ui/badge.js';
import { EventTable } from '../../ui/event-table.js';
import { Moment } from '../../ui/moment.js';
import { EmptyNote, ErrorNote, LoadingRows } from '../../ui/states.js';
import { useNow } from '../../ui/use-now.js';
import { useResource } from '../../ui/use-resource.js';
import { anomalyEpisodes } from './anomaly-episodes.js';
import { CONDITION_TEXT, CONDITION_TONE, explainAnomaly } from './anomaly-text.js';
import { AnomalyTrace } from './anomaly-trace.js';
import { useDetailVersion } from './use-sensor-feed.js';

const SHOWN_EVENTS = 12;

interface ListsProps {
  readonly id: string;
  readonly detail: SensorDetail;
}

const newestFirst = (a: string, b: string): number => b.localeCompare(a);

export function SensorLists({ id, detail }: ListsProps) {
  const { client, marks } = useSession();
  const [isTelling, setTelling] = useState(false);
  useDetailVersion(detail);
  const nowMs = useNow(5000);
  const stored = useResource(`lists ${id}`, async (signal) => {
    const [events, anomalies, alerts] = await Promise.all([
      client.events({ sensorId: id, limit: 100 }, signal),
      client.anomalies({ sensorId: id, state: 'anomalous', limit: 200 }, signal),
      client.alerts({ sensorId: id, limit: 50 }, signal),
    ]);
    return { events: events.items, anomalies: anomalies.items, alerts: alerts.items };
  });
  useEffect(() => {
    if (stored.data === null) return;
    marks.note(stored.data.events);
    detail.fillLists(stored.data);
  }, [detail, marks, stored.data]);

  const events = [...detail.events.values()].sort((a, b) => newestFirst(a.onset, b.onset));
  const alerts = [...detail.alerts.values()].sort((a, b) => newestFirst(a.raisedAt, b.raisedAt));
  const state = { loading: stored.loading, error: stored.error, retry: stored.reload };
  return (
    <div className="sensor-lists">
      <section className="panel" aria-labelledby="events-title">
        <div className="panel__head">
          <h2 id="events-title">Events, last 24 h</h2>
          <div className="panel__links">
            <button type="button" className="button button--quiet" onClick={() => setTelling(true)}>
              Tell a missed one
            </button>
            <Link className="small" to={`/events?sensor=${encodeURIComponent(id)}`}>
              All events
            </Link>
          </div>
        </div>
        {isTelling ? <MissedDialog sensorId={id} onSaved={() => undefined} onClose={() => setTelling(false)} /> : null}
        <EventsPart {...state} events={events} nowMs={nowMs} />
      </section>
      <div className="sensor-lists__side">
        <section className="panel" aria-labelledby="alerts-title">
          <div className="panel__head">
            <h2 id="alerts-title">Alerts, last 24 h</h2>
            <Link className="small" to="/alerts">
              All alerts
            </Link>
          </div>
          <AlertsPart {...state} alerts={alerts} nowMs={nowMs} />
        </section>
        <section className="panel" aria-labelledby="anomalies-title">
          <div className="panel__head">
            <h2 id="anomalies-title">Anomalies, last 24 h</h2>
          </div>
          <AnomalyTrace anomalies={detail.anomalies.values()} endMs={detail.clock.edgeMs(nowMs)} />
          <AnomaliesPart {...state} anomalies={[...detail.anomalies.values()]} nowMs={nowMs} />
        </section>
      </div>
    </div>
  );
}

interface PartProps {
  readonly loading: boolean;
  readonly error: unknown;
  readonly retry: () => void;
  readonly nowMs: number;
}

function EventsPart({ loading, error, retry, events, nowMs }: PartProps & { readonly events: readonly SoundEvent[] }) {
  if (loading) return <LoadingRows rows={4} label="Loading events" />;
  if (events.length === 0 && error !== null) return <ErrorNote error={error} retry={retry} />;
  if (events.length === 0) return <EmptyNote title="No event was found in the last 24 h" />;
  return <EventTable events={events.slice(0, SHOWN_EVENTS)} nowMs={nowMs} />;
}

function AlertsPart({ loading, error, retry, alerts, nowMs }: PartProps & { readonly alerts: readonly Alert[] }) {
  if (loading) return <LoadingRows rows={2} label="Loading alerts" />;
  if (alerts.length === 0 && error !== null) return <ErrorNote error={error} retry={retry} />;
  if (alerts.length === 0) return <EmptyNote title="No alert was raised" />;
  return <AlertList alerts={alerts.slice(0, 6)} nowMs={nowMs} />;
}

function AnomaliesPart(props: PartProps & { readonly anomalies: readonly Anomaly[] }) {
  const { loading, error, retry, anomalies, nowMs } = props;
  const episodes = anomalyEpisodes(anomalies);
  if (loading) return <LoadingRows rows={2} label="Loading anomalies" />;
  if (episodes.length === 0 && error !== null) return <ErrorNote error={error} retry={retry} />;
  if (episodes.length === 0) return <EmptyNote title="Nothing unusual was heard" />;
  return (
    <ul className="rows" role="list">
      {episodes.slice(0, 6).map((episode) => (
        <li key={episode.onset} className="row">
          <div className="row__main">
            <Badge tone={CONDITION_TONE[episode.peak.condition]}>{CONDITION_TEXT[episode.peak.condition]}</Badge>
            <span>
              score {episode.peak.score.toFixed(1)} of {episode.peak.threshold.toFixed(1)}
            </span>
            <span className="row__time muted">
              <Moment time={episode.onset} nowMs={nowMs} />
            </span>
          </div>
          <p className="row__detail muted">{explainAnomaly(episode.peak)}</p>
        </li>
      ))}
    </ul>
  );
}
