import { memo, useEffect, useRef } from 'react';
import { watchCanvas } from '../../charts/canvas.js';
import { drawSparkline } from '../../charts/sparkline.js';
import { formatCount, formatDb, formatLabel, formatPercent, levelReference } from '../../lib/format.js';
import { formatAgo } from '../../lib/time.js';
import type { SensorLive } from '../../live/sensor-live.js';
import { Link } from '../../router.js';
import { sensorAddress } from '../../routes.js';
import { useSession } from '../../session.js';
import { token, useTheme } from '../../theme.js';
import { Badge, PresenceMark } from '../../ui/badge.js';

interface SensorCardProps {
  readonly sensor: SensorLive;
  /** Only to render again when what React shows of the sensor may have changed. */
  readonly version: number;
  readonly position: number;
  readonly total: number;
}

export const SensorCard = memo(function SensorCard({ sensor, position, total }: SensorCardProps) {
  const { presence } = sensor;
  const site = sensor.record?.placement.site ?? '';
  return (
    <li
      className="card"
      data-testid="sensor-card"
      data-sensor-id={sensor.id}
      data-presence={presence}
      data-alert={sensor.alerts.size > 0}
      aria-posinset={position}
      aria-setsize={total}
    >
      <div className="card__head">
        <Link className="card__name" to={sensorAddress(sensor.id)} title={sensor.name}>
          {sensor.name}
        </Link>
        <PresenceMark presence={presence} />
      </div>
      <p className="card__site">
        {site === '' ? null : <span>{site}</span>}
        <span className="mono">{sensor.id}</span>
      </p>
      <LivePart id={sensor.id} />
      <p className="card__badges">
        <CardBadges sensor={sensor} />
      </p>
    </li>
  );
});

/** Painted by the store in animation frames; React only makes the elements. */
function LivePart({ id }: { readonly id: string }) {
  const { store } = useSession();
  const theme = useTheme();
  const level = useRef<HTMLSpanElement>(null);
  const unit = useRef<HTMLSpanElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const heard = useRef<HTMLParagraphElement>(null);
  const label = useRef<HTMLSpanElement>(null);
  const probability = useRef<HTMLSpanElement>(null);
  const bar = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    const style = { line: token('--chart-1'), fill: token('--chart-1-fill') };
    let drawnSecond: number | null = null;
    const spark = canvas.current;
    const draw = (): void => {
      const ring = store.sensors.get(id)?.sparkline;
      if (spark !== null && ring !== undefined) drawSparkline(spark, ring, style);
    };
    const stopWatching = spark === null ? null : watchCanvas(spark, draw);
    const stopPainting = store.onSensor(id, (sensor, nowMs) => {
      const online = sensor.presence === 'online';
      setText(level.current, online ? formatDb(sensor.level?.laeqDb) : '–');
      const reference = sensor.level === null ? null : levelReference(sensor.level.calibrationId);
      setText(unit.current, reference === null ? 'dB' : `${reference.unit}, ${reference.label}`);
      const now = online ? sensor.heardAt(nowMs) : null;
      if (heard.current !== null) heard.current.dataset.heard = String(now !== null);
      setText(label.current, now === null ? idleText(sensor, nowMs) : formatLabel(now.label));
      setText(probability.current, now === null ? '' : formatPercent(now.probability));
      if (bar.current !== null) bar.current.style.transform = `scaleX(${now?.probability ?? 0})`;
      const second = sensor.sparkline.newestSecond;
      if (second !== drawnSecond) draw();
      drawnSecond = second;
    });
    return () => {
      stopPainting();
      stopWatching?.();
    };
  }, [store, id, theme]);

  return (
    <>
      <div className="card__live">
        <p className="card__level">
          <span className="visually-hidden">Level LAeq </span>
          <span ref={level} className="card__db" data-testid="sensor-level">
            –
          </span>
          <span ref={unit} className="card__unit">
            dB
          </span>
        </p>
        <canvas ref={canvas} className="card__spark" role="img" aria-label="LAeq of the last minute" />
      </div>
      <p ref={heard} className="card__heard" data-testid="heard-now" data-heard="false">
        <span ref={label} className="card__label" />
        <span ref={probability} className="card__probability" />
        <span className="card__meter" aria-hidden="true">
          <span ref={bar} />
        </span>
      </p>
    </>
  );
}

function idleText(sensor: SensorLive, nowMs: number): string {
  const { presence, record } = sensor;
  if (presence === 'online') return 'Nothing recognised';
  if (presence === 'never-heard') return 'Waiting for the first sound';
  const lastSeen = record?.lastSeen ?? sensor.level?.time ?? null;
  return lastSeen === null ? 'No sound yet' : `Last heard ${formatAgo(Date.parse(lastSeen), nowMs)}`;
}

function CardBadges({ sensor }: { readonly sensor: SensorLive }) {
  const { anomaly, alerts, openEvents } = sensor;
  return (
    <>
      {alerts.size > 0 ? <Badge tone="critical">{formatCount(alerts.size, 'alert')}</Badge> : null}
      {anomaly?.state === 'anomalous' ? <Badge tone="warning">Anomalous</Badge> : null}
      {openEvents.size > 0 ? <Badge tone="accent">{formatCount(openEvents.size, 'open event')}</Badge> : null}
      {anomaly?.state === 'learning' ? <Badge>Learning {formatPercent(anomaly.warmUp)}</Badge> : null}
      {anomaly?.state === 'normal' ? <Badge>Normal</Badge> : null}
      {anomaly === null ? <Badge>No verdict yet</Badge> : null}
    </>
  );
}

function setText(element: HTMLElement | null, text: string): void {
  if (element !== null && element.textContent !== text) element.textContent = text;
}
