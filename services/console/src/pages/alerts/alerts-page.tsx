import { useEffect, useState } from 'react';
import { openAlerts } from '../../live/selectors.js';
import { useLiveVersion, useSession } from '../../session.js';
import { AlertList } from '../../ui/alert-list.js';
import { MoreFoot } from '../../ui/more-foot.js';
import { usePageTitle } from '../../ui/page-title.js';
import { SensorSelect } from '../../ui/sensor-select.js';
import { EmptyNote, ErrorNote, LoadingRows } from '../../ui/states.js';
import { useNow } from '../../ui/use-now.js';
import { usePaged } from '../../ui/use-paged.js';
import { useResource } from '../../ui/use-resource.js';
import { RulesPanel } from './rules-panel.js';

const PAGE_SIZE = 30;
const REFRESH_MS = 15_000;
const SPAN_MS = 30 * 86_400_000;

const STATES = [
  { value: '', name: 'All' },
  { value: 'raised', name: 'Active' },
  { value: 'resolved', name: 'Resolved' },
] as const;

export function AlertsPage() {
  usePageTitle('Alerts');
  const { client, store } = useSession();
  useLiveVersion();
  const nowMs = useNow(1000);
  const [state, setState] = useState<(typeof STATES)[number]['value']>('');
  const [sensorId, setSensorId] = useState('');
  const [ruleId, setRuleId] = useState('');
  const rules = useResource('rules', async (signal) => (await client.rules(signal)).items);
  const list = usePaged(
    `alerts ${state} ${sensorId} ${ruleId}`,
    (cursor, signal) =>
      client.alerts(
        { state, sensorId, ruleId, from: new Date(Date.now() - SPAN_MS).toISOString(), limit: PAGE_SIZE, cursor },
        signal,
      ),
    REFRESH_MS,
  );

  // The feed says when an alert was raised or resolved: the list is then asked for again.
  const active = openAlerts(store.sensors.values())
    .map(({ id }) => id)
    .join();
  const { reload } = list;
  useEffect(() => {
    reload();
  }, [active]); // eslint-disable-line react-hooks/exhaustive-deps

  const sensorName = (id: string): string => store.sensors.get(id)?.name ?? id;
  return (
    <div className="page">
      <h1>Alerts</h1>
      <div className="columns">
        <section className="panel" aria-label="Alerts">
          <div className="panel__head panel__head--filters">
            <div className="segments" role="group" aria-label="State">
              {STATES.map(({ value, name }) => (
                <button
                  key={value}
                  type="button"
                  className="segment"
                  aria-pressed={state === value}
                  onClick={() => setState(value)}
                >
                  {name}
                </button>
              ))}
            </div>
            <div className="panel__filters">
              <label>
                <span className="visually-hidden">Rule</span>
                <select className="input" value={ruleId} onChange={(event) => setRuleId(event.target.value)}>
                  <option value="">All rules</option>
                  {(rules.data ?? []).map((rule) => (
                    <option key={rule.id} value={rule.id}>
                      {rule.name}
                    </option>
                  ))}
                </select>
              </label>
              <label>
                <span className="visually-hidden">Sensor</span>
                <SensorSelect id="alert-sensor" value={sensorId} onChange={setSensorId} />
              </label>
            </div>
          </div>
          {list.error === null ? null : <ErrorNote error={list.error} retry={list.reload} />}
          {list.items === null ? (
            list.error === null ? (
              <LoadingRows rows={6} label="Loading alerts" />
            ) : null
          ) : list.items.length === 0 ? (
            <EmptyNote title={state === 'raised' ? 'No alert is active' : 'No alert in the last 30 days'} />
          ) : (
            <AlertList alerts={list.items} nowMs={nowMs} sensorName={sensorName} />
          )}
          <MoreFoot list={list} one="alert" />
        </section>
        <RulesPanel rules={rules} />
      </div>
    </div>
  );
}
