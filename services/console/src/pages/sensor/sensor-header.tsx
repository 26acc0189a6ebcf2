import type { ReactNode } from 'react';
import type { Sensor } from '../../api/types.js';
import { formatDb, formatDuration, formatHz } from '../../lib/format.js';
import type { Presence } from '../../live/sensor-live.js';
import { Link } from '../../router.js';
import { Badge, PresenceMark } from '../../ui/badge.js';
import { BackIcon } from '../../ui/icons.js';
import { Moment } from '../../ui/moment.js';
import { useNow } from '../../ui/use-now.js';

interface SensorHeaderProps {
  readonly sensor: Sensor;
  readonly presence: Presence;
}

export function SensorHeader({ sensor, presence }: SensorHeaderProps) {
  const nowMs = useNow(5000);
  const { placement } = sensor;
  const place = [placement.site, placement.description].filter((part) => part !== '').join(', ');
  return (
    <header className="sensor-head">
      <Link className="back" to="/">
        <BackIcon />
        All sensors
      </Link>
      <div className="sensor-head__title">
        <h1>{sensor.name === '' ? sensor.id : sensor.name}</h1>
        <PresenceMark presence={presence} />
        <Badge tone={sensor.calibrated ? 'ok' : 'neutral'}>{sensor.calibrated ? 'Calibrated' : 'Uncalibrated'}</Badge>
      </div>
      <dl className="facts">
        <Fact term="Id">
          <span className="mono">{sensor.id}</span>
        </Fact>
        <Fact term="Site">{place === '' ? 'Not given' : place}</Fact>
        <Fact term="Sample rate">{sensor.sampleRateHz === null ? 'Unknown' : formatHz(sensor.sampleRateHz)}</Fact>
        <Fact term="Full scale">
          {sensor.fullScaleDb === null ? 'Not known' : `${formatDb(sensor.fullScaleDb)} dB SPL`}
        </Fact>
        <Fact term="Last heard">
          {sensor.lastSeen === null ? 'Never' : <Moment time={sensor.lastSeen} nowMs={nowMs} ago />}
        </Fact>
        <Fact term="Gaps in 24 h">
          {sensor.gapCount === 0 ? 'None' : `${sensor.gapCount}, ${formatDuration(sensor.gapSeconds)} in all`}
        </Fact>
        <Fact term="Site’s zone">{sensor.timeZone === '' ? 'UTC' : sensor.timeZone}</Fact>
      </dl>
    </header>
  );
}

function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
