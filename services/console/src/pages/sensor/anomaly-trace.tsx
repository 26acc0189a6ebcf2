/** The last quarter of an hour: how unusual the sensor sounds against its threshold, and in which bands. */
import type { Anomaly } from '../../api/types.js';
import { BANDS_HEIGHT, bandY, layOutTrace, SCORE_HEIGHT, TRACE_S, TRACE_WIDTH } from './anomaly-layout.js';

const GUIDES_HZ = [125, 500, 2000];

interface TraceProps {
  readonly anomalies: Iterable<Anomaly>;
  readonly endMs: number;
}

export function AnomalyTrace({ anomalies, endMs }: TraceProps) {
  const { verdicts, bands, thresholdY } = layOutTrace(anomalies, endMs);
  if (verdicts.length === 0) return null;
  const unusual = verdicts.filter(({ condition }) => condition === 'alarm' || condition === 'danger').length;
  const label = `Anomaly score of the last ${TRACE_S / 60} min: ${unusual} of ${verdicts.length} verdicts unusual`;
  return (
    <figure className="trace" data-testid="anomaly-trace">
      <svg viewBox={`0 0 ${TRACE_WIDTH} ${SCORE_HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {verdicts.map(({ id, x, width, y, condition }) => (
          <rect
            key={id}
            className="trace__score"
            data-condition={condition}
            x={x}
            y={y}
            width={width}
            height={SCORE_HEIGHT - y}
          />
        ))}
        <line className="trace__threshold" x1={0} x2={TRACE_WIDTH} y1={thresholdY} y2={thresholdY} />
      </svg>
      <svg viewBox={`0 0 ${TRACE_WIDTH} ${BANDS_HEIGHT}`} aria-hidden="true">
        {GUIDES_HZ.map((hz) => (
          <line key={hz} className="trace__guide" x1={0} x2={TRACE_WIDTH} y1={bandY(hz)} y2={bandY(hz)} />
        ))}
        {bands.map(({ key, x, y, radius, louder }) => (
          <circle key={key} className="trace__band" data-louder={louder} cx={x} cy={y} r={radius} />
        ))}
      </svg>
      <figcaption className="small muted">
        Above: score, the line is the threshold. Below: bands that stand out, 50 Hz to 8 kHz; filled louder, open
        quieter.
      </figcaption>
    </figure>
  );
}
