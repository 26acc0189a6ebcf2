import type { ReactNode } from 'react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { countFlags, flagRuns, flagText } from '../../charts/level-flags.js';
import type { Trace } from '../../charts/level-plot.js';
import { LevelPlot, TRACES } from '../../charts/level-plot.js';
import type { LevelRow, LevelSeries, LevelSummary } from '../../charts/level-series.js';
import { formatDb, formatDuration, formatPercent, levelReference } from '../../lib/format.js';
import { formatMoment } from '../../lib/time.js';
import { useTheme } from '../../theme.js';
import { ReferenceBadge } from '../../ui/reference-badge.js';
import type { LevelRange } from './level-ranges.js';

/** Rows with what the chart makes of them. */
export interface ShownLevels {
  readonly rows: readonly LevelRow[];
  readonly series: LevelSeries;
  readonly summary: LevelSummary;
}

interface LevelChartProps {
  readonly shown: ShownLevels;
  readonly range: LevelRange;
  readonly loading: boolean;
}

export function LevelChart({ shown, range, loading }: LevelChartProps) {
  const { series, summary, rows } = shown;
  const theme = useTheme();
  const [hidden, setHidden] = useState<ReadonlySet<Trace>>(new Set());
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<LevelPlot | null>(null);
  const latest = useRef({ series, hidden });
  const { unit } = levelReference(summary.calibrationId);
  const hasL90 = series.la90Db.some((value) => value !== null);

  useEffect(() => {
    latest.current = { series, hidden };
    plot.current?.update(series);
    plot.current?.hide(hidden);
  }, [series, hidden]);

  useEffect(() => {
    if (host.current === null) return;
    const made = new LevelPlot(host.current, latest.current.series, unit, latest.current.hidden);
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [theme, unit, range, hasL90]);

  const empty = !loading && rows.length === 0;
  return (
    <>
      <dl className="level__summary">
        <Fact term="LAeq">
          {formatDb(summary.laeqDb)} <small>{unit}</small>
        </Fact>
        <Fact term="Highest LAFmax">
          {formatDb(summary.lafmaxDb)} <small>{unit}</small>
          {summary.lafmaxAtMs === null ? null : <small> at {formatMoment(summary.lafmaxAtMs, series.toMs)}</small>}
        </Fact>
        <Fact term="Completeness">{loading ? '–' : formatPercent(summary.completeness, 1)}</Fact>
        <Fact term="Resolution">{range.resolutionText}</Fact>
      </dl>
      <div className="level__tools">
        <Traces hidden={hidden} hasL90={hasL90} change={setHidden} />
        {rows.length === 0 ? null : <ReferenceBadge calibrationId={summary.calibrationId} />}
      </div>
      <div className="level__frame">
        <div
          ref={host}
          className="level__chart"
          data-testid="level-chart"
          data-rows={rows.length}
          role="img"
          aria-label={`Levels of the last ${range.longName}: LAeq ${formatDb(summary.laeqDb)} ${unit}, completeness ${formatPercent(summary.completeness)}`}
        />
        {loading || empty ? (
          <p className="level__overlay" role="status">
            {loading ? 'Loading levels' : `No levels in the last ${range.longName}`}
          </p>
        ) : null}
      </div>
      <Flags series={series} />
    </>
  );
}

interface TracesProps {
  readonly hidden: ReadonlySet<Trace>;
  readonly hasL90: boolean;
  readonly change: (hidden: ReadonlySet<Trace>) => void;
}

function Traces({ hidden, hasL90, change }: TracesProps) {
  const toggle = (trace: Trace): void => {
    const next = new Set(hidden);
    if (!next.delete(trace)) next.add(trace);
    change(next);
  };
  return (
    <div className="traces" role="group" aria-label="Traces">
      {TRACES.map((trace, index) => {
        const absent = trace === 'L90' && !hasL90;
        return (
          <button
            key={trace}
            type="button"
            className="trace"
            data-trace={index + 1}
            aria-pressed={!absent && !hidden.has(trace)}
            disabled={absent}
            title={absent ? 'L90 is a percentile of windows: choose 24 h or 7 d' : undefined}
            onClick={() => toggle(trace)}
          >
            <span className="trace__mark" aria-hidden="true" />
            {trace}
            {absent ? <small> from 24 h</small> : null}
          </button>
        );
      })}
    </div>
  );
}

/** What the marks at the chart's top say, in words. */
function Flags({ series }: { readonly series: LevelSeries }) {
  const counts = useMemo(() => countFlags(flagRuns(series)), [series]);
  if (counts.length === 0) return null;
  return (
    <ul className="flags" aria-label="Flagged seconds" data-testid="level-flags">
      {counts.map(({ flag, seconds, lastMs }) => (
        <li key={flag} data-flag={flag}>
          <strong>{flagText(flag)}</strong> {formatDuration(seconds)}, last at {formatMoment(lastMs, series.toMs)}
        </li>
      ))}
    </ul>
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
