import { ApiError } from '../../api/client.js';
import { Link } from '../../router.js';
import { useLiveVersion, useSession } from '../../session.js';
import { usePageTitle } from '../../ui/page-title.js';
import { EmptyNote, ErrorNote, LoadingRows } from '../../ui/states.js';
import { useResource } from '../../ui/use-resource.js';
import { CalibrationPanel } from './calibration-panel.js';
import { DaysPanel } from './days-panel.js';
import { LevelPanel } from './level-panel.js';
import { LivePanel } from './live-panel.js';
import { NowStrip } from './now-strip.js';
import { SensorHeader } from './sensor-header.js';
import { SensorLists } from './sensor-lists.js';
import { ThirdOctavePanel } from './third-octave-panel.js';
import { useSensorFeed } from './use-sensor-feed.js';

export function SensorPage({ id }: { readonly id: string }) {
  const { client, store } = useSession();
  useLiveVersion();
  const { data, error, reload } = useResource(`sensor ${id}`, (signal) => client.sensor(id, signal));
  const live = store.sensors.get(id);
  const sensor = live?.record ?? data;
  usePageTitle(sensor === null || sensor.name === '' ? id : sensor.name);

  if (sensor === null && error instanceof ApiError && error.status === 404) {
    return (
      <div className="page">
        <h1>No sensor “{id}”</h1>
        <EmptyNote title="It may have been given another id, or the address is mistyped.">
          <Link className="button" to="/">
            All sensors
          </Link>
        </EmptyNote>
      </div>
    );
  }
  if (sensor === null) {
    return (
      <div className="page">
        <h1>{id}</h1>
        {error === null ? <LoadingRows rows={8} label="Loading sensor" /> : <ErrorNote error={error} retry={reload} />}
      </div>
    );
  }
  return (
    <div className="page" data-testid="sensor-page">
      <SensorHeader sensor={sensor} presence={live?.presence ?? (sensor.online ? 'online' : 'silent')} />
      <SensorBody id={id} timeZone={sensor.timeZone} />
    </div>
  );
}

function SensorBody({ id, timeZone }: { readonly id: string; readonly timeZone: string }) {
  const { client } = useSession();
  const detail = useSensorFeed(id);
  const models = useResource('models', (signal) => client.models(signal));
  // Lanes of the live classifier's windows and of the live sequence model's events.
  const live = models.data?.items.filter(({ role }) => role === 'live') ?? [];
  const labels = [...new Set(live.flatMap((model) => model.labels))];
  return (
    <>
      <NowStrip id={id} />
      <div className="sensor-live">
        <LivePanel detail={detail} labels={labels} />
        <ThirdOctavePanel detail={detail} />
      </div>
      <LevelPanel id={id} detail={detail} />
      <div className="sensor-lists">
        <DaysPanel id={id} timeZone={timeZone} />
        <CalibrationPanel id={id} />
      </div>
      <SensorLists id={id} detail={detail} />
    </>
  );
}
