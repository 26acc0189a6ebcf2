import type { LiveFigures } from './console-page.js';
import { percentilesOf, type Percentiles } from './frames.js';
import type { LatencyReport } from './latency.js';

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const short = (value: number): string => value.toFixed(1);
const four = ({ p50, p95, p99, max }: Percentiles, show = whole): string => [p50, p95, p99, max].map(show).join(' | ');

const liveRow = (name: string, live: LiveFigures): readonly string[] => [
  `| ${name}: CPU of the main thread per frame | ${four(live.traced.cpuMs, short)} |`,
  `| ${name}: the same by the clock | ${four(live.traced.clockMs, short)} |`,
  `| ${name}: between animation frames | ${four(live.betweenFramesMs, short)} |`,
];

const meansOf = (name: string, live: LiveFigures): string =>
  `${name}: ${live.frames} frames in ${live.seconds} s; per frame on average ${live.taskMs.toFixed(2)} ms of the main thread, ` +
  `of which scripts ${live.scriptMs.toFixed(2)} ms, layout and styles ${live.layoutMs.toFixed(2)} ms; ${live.longTasks} tasks over 50 ms; ` +
  `${live.traced.over16} of ${live.traced.frames} traced frames over 16 ms of CPU.`;

export const latencyTable = (report: LatencyReport): string => {
  const { tables, requests, console: page, sensors } = report;
  return [
    `Rows: ${tables.map(({ table, rows, parts, mb }) => `${table} ${whole(rows)} (${parts} parts, ${whole(mb)} MB)`).join(', ')}; filled in ${whole(report.fillSeconds)} s.`,
    '',
    '| request | at once | requests | p50, ms | p95, ms | p99, ms | max, ms | answer, kB | CPU ClickHouse, ms | CPU api, ms | p95 bound, ms |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...requests.map(
      ({ name, atOnce, requests: count, ms, meanBytes, cpuMs, boundMs }) =>
        `| ${name} | ${atOnce} | ${count} | ${four(ms)} | ${whole(meanBytes / 1000)} | ${whole(cpuMs.database)} | ${whole(cpuMs.api)} | ${boundMs ?? ''} |`,
    ),
    '',
    `Console, ${whole(sensors)} sensors that play (levels and classes every second, verdicts every 5 s; sent up to ${whole(report.liveLatestMs)} ms late):`,
    '',
    '| ms | p50 | p95 | p99 | max |',
    '|---|---|---|---|---|',
    `| first paint, empty cache | ${four(percentilesOf(page.firstPaintMs))} |`,
    `| first contentful paint | ${four(percentilesOf(page.firstContentfulPaintMs))} |`,
    `| levels on the cards | ${four(percentilesOf(page.firstLevelMs))} |`,
    ...liveRow('still', page.still),
    ...liveRow('scrolling', page.scrolling),
    '',
    meansOf('Still', page.still),
    meansOf('Scrolling', page.scrolling),
    '',
  ].join('\n');
};
