import { useEffect, useRef } from 'react';
import { formatDb, formatLabel, formatPercent, levelReference } from '../../lib/format.js';
import { flagText } from '../../charts/level-flags.js';
import type { SensorLive } from '../../live/sensor-live.js';
import { useSession } from '../../session.js';
import { CONDITION_TEXT, faultText } from './anomaly-text.js';

type TileName = 'heard' | 'laeq' | 'lafmax' | 'lcpeak' | 'anomaly';

interface Tile {
  readonly value: string;
  readonly detail: string;
}

/** What holds this very second; painted by the store in animation frames. */
export function NowStrip({ id }: { readonly id: string }) {
  const { store } = useSession();
  const root = useRef<HTMLDListElement>(null);

  useEffect(() => {
    return store.onSensor(id, (sensor, nowMs) => {
      const tiles = tilesOf(sensor, nowMs);
      root.current?.querySelectorAll<HTMLElement>('[data-tile]').forEach((element) => {
        const tile = tiles[element.dataset.tile as TileName];
        const [value, detail] = element.querySelectorAll('span');
        if (value !== undefined && value.textContent !== tile.value) value.textContent = tile.value;
        if (detail !== undefined && detail.textContent !== tile.detail) detail.textContent = tile.detail;
      });
    });
  }, [store, id]);

  return (
    <dl ref={root} className="now">
      <NowTile name="heard" term="Heard now" testId="heard-now" />
      <NowTile name="laeq" term="LAeq, 1 s" testId="sensor-level" />
      <NowTile name="lafmax" term="LAFmax" />
      <NowTile name="lcpeak" term="LCpeak" />
      <NowTile name="anomaly" term="Anomaly" />
    </dl>
  );
}

interface NowTileProps {
  readonly name: TileName;
  readonly term: string;
  readonly testId?: string;
}

function NowTile({ name, term, testId }: NowTileProps) {
  return (
    <div className={`now__tile now__tile--${name}`}>
      <dt>{term}</dt>
      <dd data-tile={name}>
        <span className="now__value" data-testid={testId}>
          –
        </span>
        <span className="now__detail" />
      </dd>
    </div>
  );
}

function tilesOf(sensor: SensorLive, nowMs: number): Readonly<Record<TileName, Tile>> {
  const level = sensor.presence === 'online' ? sensor.level : null;
  const unit = level === null ? '' : levelReference(level.calibrationId).unit;
  const heard = sensor.presence === 'online' ? sensor.heardAt(nowMs) : null;
  const idle = sensor.presence === 'online' ? 'Nothing recognised' : 'No sound';
  return {
    heard:
      heard === null
        ? { value: idle, detail: '' }
        : { value: formatLabel(heard.label), detail: formatPercent(heard.probability) },
    laeq: { value: formatDb(level?.laeqDb), detail: [unit, ...(level?.flags ?? []).map(flagText)].join(' · ') },
    lafmax: { value: formatDb(level?.lafmaxDb), detail: unit },
    lcpeak: { value: formatDb(level?.lcpeakDb), detail: unit },
    anomaly: anomalyTile(sensor),
  };
}

function anomalyTile({ anomaly }: SensorLive): Tile {
  if (anomaly === null) return { value: 'No verdict', detail: '' };
  if (anomaly.state === 'learning') return { value: 'Learning', detail: formatPercent(anomaly.warmUp) };
  return {
    value: CONDITION_TEXT[anomaly.condition],
    detail:
      anomaly.findings[0] === undefined
        ? `score ${anomaly.score.toFixed(1)} of ${anomaly.threshold.toFixed(1)}`
        : faultText(anomaly.findings[0]),
  };
}
