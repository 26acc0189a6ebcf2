import { useMemo, useState } from 'react';
import type { LevelRow } from '../../charts/level-series.js';
import { rowOfSecond, rowOfWindow, summarise, toLevelSeries } from '../../charts/level-series.js';
import type { SensorDetail } from '../../live/sensor-detail.js';
import { useSession } from '../../session.js';
import { ErrorNote } from '../../ui/states.js';
import { useNow } from '../../ui/use-now.js';
import { useResource } from '../../ui/use-resource.js';
import type { ShownLevels } from './level-chart.js';
import { LevelChart } from './level-chart.js';
import type { LevelRange } from './level-ranges.js';
import { LEVEL_RANGES } from './level-ranges.js';
import { useDetailVersion } from './use-sensor-feed.js';

interface LevelPanelProps {
  readonly id: string;
  readonly detail: SensorDetail;
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

function show(rows: readonly LevelRow[], range: LevelRange, toMs: number): ShownLevels {
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
