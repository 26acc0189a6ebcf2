import type { ReactNode } from 'react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { LevelPlot } from '../../charts/level-plot.js';
import type { LevelRow, LevelSeries, LevelSummary } from '../../charts/level-series.js';
import { rowOfSecond, rowOfWindow, summarise, toLevelSeries } from '../../charts/level-series.js';
import { formatDb, formatPercent, levelReference } from '../../lib/format.js';
import { formatMoment } from '../../lib/time.js';
import type { SensorDetail } from '../../live/sensor-detail.js';
import { useSession } from '../../session.js';
import { useTheme } from '../../theme.js';
import { ErrorNote } from '../../ui/states.js';
import { useNow } from '../../ui/use-now.js';
import { useResource } from '../../ui/use-resource.js';
import type { LevelRange } from './level-ranges.js';
import { LEVEL_RANGES } from './level-ranges.js';
import { useDetailVersion } from './use-sensor-feed.js';

interface LevelPanelProps {
  readonly id: string;
  readonly detail: SensorDetail;
}

interface Shown {
  readonly rows: readonly LevelRow[];
  readonly series: LevelSeries;
  readonly summary: LevelSummary;
}

export function LevelPanel({ id, detail }: LevelPanelProps) {
  const [range, setRange] = useState<LevelRange>(LEVEL_RANGES[0]);
  return (
    <section className="panel" aria-labelledby="levels-title">
      <div className="panel__head">
        <h2 id="levels-title">Level history</h2>
        <div className="segments" role="group" aria-label="Range">
          {LEVEL_RANGES.map((choice) => (
            <button
              key={choice.name}
              type="button"
              className="segment"
              aria-pressed={choice === range}
              onClick={() => setRange(choice)}
            >
              {choice.name}
            </button>
          ))}
        </div>
      </div>
      <div className="panel__body">
        {range.live ? <LiveLevels detail={detail} range={range} /> : <StoredLevels id={id} range={range} />}
      </div>
    </section>
  );
}

function show(rows: readonly LevelRow[], range: LevelRange, toMs: number): Shown {
  const series = toLevelSeries(rows, {
    fromMs: toMs - range.spanMs,
    toMs,
    stepMs: range.stepMs,
    patienceMs: range.stepMs * 2 + 15_000,
  });
  return { rows, series, summary: summarise(rows, series) };
}

function LiveLevels({ detail, range }: { readonly detail: SensorDetail; readonly range: LevelRange }) {
  const version = useDetailVersion(detail);
  const nowMs = useNow(1000);
  const shown = useMemo(
    () => show(detail.secondRows().map(rowOfStored), range, nowMs),
    [detail, range, version, nowMs], // eslint-disable-line react-hooks/exhaustive-deps
  );
  return <LevelChart shown={shown} range={range} loading={version === 0} />;
}

function rowOfStored(row: ReturnType<SensorDetail['secondRows']>[number]): LevelRow {
  return { ...row, la90Db: null, completeness: 1 };
}

function StoredLevels({ id, range }: { readonly id: string; readonly range: LevelRange }) {
  const { client } = useSession();
  const { data, error, reload } = useResource(
    `${id} ${range.name}`,
    async (signal) => {
      const toMs = Date.now();
      const query = { from: new Date(toMs - range.spanMs).toISOString(), to: new Date(toMs).toISOString() };
      if (range.resolution === '1s') {
        const { items } = await client.secondLevels(id, query, signal);
        return show(items.map(rowOfSecond), range, toMs);
      }
      const { items } = await client.windowLevels(id, { ...query, resolution: range.resolution }, signal);
      return show(items.map(rowOfWindow), range, toMs);
    },
    range.refreshMs,
  );
  const nowMs = useNow(60_000);
  const empty = useMemo(() => show([], range, nowMs), [range, nowMs]);
  if (error !== null && data === null) {
    return (
      <div className="level__frame">
        <ErrorNote error={error} retry={reload} />
      </div>
    );
  }
  return <LevelChart key={range.name} shown={data ?? empty} range={range} loading={data === null} />;
}

function LevelChart(props: { readonly shown: Shown; readonly range: LevelRange; readonly loading: boolean }) {
  const { shown, range, loading } = props;
  const { series, summary, rows } = shown;
  const theme = useTheme();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<LevelPlot | null>(null);
  const latest = useRef(series);
  const { unit, label } = levelReference(summary.calibrationId);
  const hasL90 = series.la90Db.some((value) => value !== null);

  useEffect(() => {
    latest.current = series;
    plot.current?.update(series);
  }, [series]);

  useEffect(() => {
    if (host.current === null) return;
    const made = new LevelPlot(host.current, latest.current, unit);
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
        <Fact term="Resolution">
          {range.resolutionText} <small>{label}</small>
        </Fact>
      </dl>
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
    </>
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
