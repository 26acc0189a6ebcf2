/** The level history on uPlot: LAeq, LAFmax and L90 over time, gaps shaded, incomplete windows marked at the foot. */
import uPlot from 'uplot';
import { formatDb, formatPercent } from '../lib/format.js';
import { formatMoment } from '../lib/time.js';
import { token } from '../theme.js';
import { flagRuns, flagText } from './level-flags.js';
import type { LevelSeries } from './level-series.js';
import { gapsOf } from './level-series.js';

const LEAST_SPAN_DB = 20;

export const TRACES = ['LAeq', 'LAFmax', 'L90'] as const;
export type Trace = (typeof TRACES)[number];

export class LevelPlot {
  private readonly plot: uPlot;
  private series: LevelSeries;
  /** Percentiles exist for windows only; the chart is made anew when that changes. */
  private readonly hasL90: boolean;
  private readonly observer: ResizeObserver;

  constructor(
    private readonly host: HTMLElement,
    series: LevelSeries,
    unit: string,
    hidden: ReadonlySet<Trace>,
  ) {
    this.series = series;
    this.hasL90 = series.la90Db.some((value) => value !== null);
    this.plot = new uPlot(this.options(unit), this.columns(series), host);
    this.hide(hidden);
    this.observer = new ResizeObserver(() => this.plot.setSize(this.size()));
    this.observer.observe(host);
  }

  /** Shows every trace but these. */
  hide(hidden: ReadonlySet<Trace>): void {
    TRACES.forEach((trace, index) => {
      if (trace === 'L90' && !this.hasL90) return;
      const show = !hidden.has(trace);
      if (this.plot.series[index + 1]?.show !== show) this.plot.setSeries(index + 1, { show });
    });
  }

  update(series: LevelSeries): void {
    this.series = series;
    this.plot.setData(this.columns(series));
  }

  destroy(): void {
    this.observer.disconnect();
    this.plot.destroy();
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(200, this.host.clientWidth), height: this.host.clientWidth < 520 ? 220 : 260 };
  }

  private options(unit: string): uPlot.Options {
    const text = token('--text-3');
    const grid = { stroke: token('--chart-grid'), width: 1 };
    const font = `11px ${token('--font')}`;
    const level = (_: uPlot, value: number | null): string => (value === null ? '–' : `${formatDb(value)} dB`);
    const { hasL90 } = this;
    return {
      ...this.size(),
      padding: [10, 10, 0, 0],
      cursor: { drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time: true, range: () => [this.series.fromMs / 1000, this.series.toMs / 1000] },
        y: { range: (_, low, high) => levelRange(low, high, this.flagRoomDb()) },
        share: { range: () => [0, 1] },
      },
      axes: [
        { stroke: text, grid, font, space: 80, ticks: { stroke: token('--line'), size: 4 }, values: clockTicks },
        {
          stroke: text,
          grid,
          font,
          size: 44,
          ticks: { show: false },
          values: (_, ticks) => ticks.map((tick) => formatDb(tick, 0)),
        },
      ],
      series: [
        { label: 'Time', value: (_, value: number | null) => (value === null ? '–' : formatMoment(value * 1000, 0)) },
        {
          label: `LAeq, ${unit}`,
          stroke: token('--chart-1'),
          fill: token('--chart-1-fill'),
          width: 1.75,
          value: level,
          points: { show: false },
        },
        { label: 'LAFmax', stroke: token('--chart-2'), width: 1, value: level, points: { show: false } },
        ...(hasL90
          ? [{ label: 'L90', stroke: token('--chart-3'), width: 1.25, value: level, points: { show: false } }]
          : []),
        {
          label: 'Completeness',
          scale: 'share',
          paths: () => null,
          points: { show: false },
          value: (_, value: number | null) => (value === null ? '–' : formatPercent(value)),
        },
      ],
      hooks: { drawClear: [(plot) => this.drawGaps(plot)], draw: [(plot) => this.drawFlags(plot)] },
    };
  }

  private columns(series: LevelSeries): uPlot.AlignedData {
    const percentile = this.hasL90 ? [series.la90Db] : [];
    return [series.timesS, series.laeqDb, series.lafmaxDb, ...percentile, series.completeness];
  }

  /** Room above the traces for the flags' words. */
  private flagRoomDb(): number {
    return this.series.flags.some((flags) => flags.length > 0) ? 5 : 0;
  }

  private drawGaps(plot: uPlot): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = token('--chart-gap');
    for (const { startS, endS } of gapsOf(this.series)) {
      const left = plot.valToPos(startS, 'x', true);
      ctx.fillRect(left, bbox.top, Math.max(1, plot.valToPos(endS, 'x', true) - left), bbox.height);
    }
    ctx.fillStyle = token('--warning');
    const ratio = window.devicePixelRatio || 1;
    this.series.completeness.forEach((share, index) => {
      if (share === 0 || share > 0.999) return;
      const startS = this.series.timesS[index] ?? 0;
      const left = plot.valToPos(startS, 'x', true);
      const right = plot.valToPos(startS + this.series.stepMs / 1000, 'x', true);
      ctx.fillRect(left, bbox.top + bbox.height - 3 * ratio, Math.max(1, right - left), 3 * ratio);
    });
    ctx.restore();
  }

  /** A bar over flagged seconds with the flags in words, as long as there is room for them. */
  private drawFlags(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const ratio = window.devicePixelRatio || 1;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = token('--critical');
    ctx.font = `600 ${10.5 * ratio}px ${token('--font')}`;
    ctx.textBaseline = 'top';
    let textEnd = -Infinity;
    for (const { startS, endS, flags } of flagRuns(this.series)) {
      const left = plot.valToPos(startS, 'x', true);
      const right = plot.valToPos(endS, 'x', true);
      ctx.fillRect(left, bbox.top, Math.max(2 * ratio, right - left), 4 * ratio);
      const words = flags.map(flagText).join(', ');
      const width = ctx.measureText(words).width;
      const from = Math.max(bbox.left, Math.min(left, bbox.left + bbox.width - width - 4 * ratio));
      if (from <= textEnd + 8 * ratio) continue;
      ctx.fillText(words, from + 2 * ratio, bbox.top + 7 * ratio);
      textEnd = from + width;
    }
    ctx.restore();
  }
}

/** Room above and below, at least 20 dB in all, on whole fives. */
export function levelRange(low: number | null, high: number | null, roomDb = 0): [number, number] {
  if (low === null || high === null) return [-80, 0];
  const missing = Math.max(0, LEAST_SPAN_DB - (high - low)) / 2;
  return [Math.floor((low - missing - 1) / 5) * 5, Math.ceil((high + missing + roomDb + 1) / 5) * 5];
}

/** 24 h clock; the day where it changes. */
function clockTicks(_: uPlot, ticks: number[], __: number, ___: number, stepS: number): string[] {
  let dayBefore = '';
  return ticks.map((tick) => {
    const date = new Date(tick * 1000);
    const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
    if (stepS >= 86_400) return day;
    const clock = date.toLocaleTimeString('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      ...(stepS < 60 ? { second: '2-digit' } : {}),
    });
    const shown = day !== dayBefore && stepS >= 3600 ? `${clock}\n${day}` : clock;
    dayBefore = day;
    return shown;
  });
}
