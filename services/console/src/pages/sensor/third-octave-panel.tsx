import { useEffect, useRef } from 'react';
import { watchCanvas } from '../../charts/canvas.js';
import type { DbScale } from '../../charts/third-octave.js';
import { barScale, drawThirdOctaves } from '../../charts/third-octave.js';
import { formatDb, levelReference, thirdOctaveName } from '../../lib/format.js';
import type { SensorDetail } from '../../live/sensor-detail.js';
import { token, useTheme } from '../../theme.js';
import { ReferenceBadge } from '../../ui/reference-badge.js';
import { useDetailVersion } from './use-sensor-feed.js';

export function ThirdOctavePanel({ detail }: { readonly detail: SensorDetail }) {
  const version = useDetailVersion(detail);
  const theme = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const scale = useRef<DbScale | null>(null);
  const bands = detail.level?.thirdOctaveDb ?? [];
  const reference = levelReference(detail.level?.calibrationId ?? null);
  const loudest = bands.reduce<number>((best, value, index) => {
    return (value ?? -Infinity) > (bands[best] ?? -Infinity) ? index : best;
  }, 0);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const draw = (): void => {
      const values = detail.level?.thirdOctaveDb ?? [];
      scale.current = barScale(values, scale.current);
      drawThirdOctaves(element, values, scale.current, {
        bar: token('--chart-1'),
        grid: token('--chart-grid'),
        text: token('--text-3'),
        font: token('--font'),
      });
    };
    draw();
    return watchCanvas(element, draw);
  }, [detail, version, theme]);

  return (
    <section className="panel" aria-labelledby="bands-title">
      <div className="panel__head">
        <h2 id="bands-title">Third octaves</h2>
        {detail.level === null ? null : <ReferenceBadge calibrationId={detail.level.calibrationId} />}
      </div>
      <div className="panel__body bands__body">
        <canvas
          ref={canvas}
          className="bands"
          role="img"
          aria-label={
            bands.length === 0 ? 'No bands yet' : `Third-octave levels; loudest band ${thirdOctaveName(loudest)} Hz`
          }
        />
        {bands.length === 0 ? null : (
          <details className="bands__values">
            <summary>Levels of the bands, {reference.unit}</summary>
            <dl>
              {bands.map((value, index) => (
                <div key={thirdOctaveName(index)}>
                  <dt>{thirdOctaveName(index)}</dt>
                  <dd>{value === null ? 'n/a' : formatDb(value)}</dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </div>
    </section>
  );
}
