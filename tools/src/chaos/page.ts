import type { ChaosReport } from './run.js';

const escaped = (text: string): string => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  `<table><tr>${head.map((cell) => `<th>${escaped(cell)}</th>`).join('')}</tr>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escaped(String(cell))}</td>`).join('')}</tr>`)
    .join('')}</table>`;

/** One self-contained page. */
export const pageOf = (report: ChaosReport): string => {
  const { seed, minutes, sensors, faults, restarts, frames, unique, aggregates, webhooks, outputs, problems } = report;
  const verdict =
    problems.length === 0
      ? '<p>Nothing lost, nothing twice, everything equal.</p>'
      : `<ul>${problems.map((one) => `<li>${escaped(one)}</li>`).join('')}</ul>`;
  const examples = [
    ...aggregates.examples,
    ...outputs.flatMap((one) => one.examples.map((text) => `${one.topic}: ${text}`)),
  ];
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Earshot: chaos run, seed ${seed}</title>
<style>body{font-family:sans-serif;max-width:70em;margin:2em auto}td,th{text-align:left;padding:.15em .8em .15em 0}pre{white-space:pre-wrap}</style>
<h1>Chaos run: ${problems.length === 0 ? 'pass' : 'FAIL'}</h1>${verdict}
<p>Seed ${seed}, ${minutes} minutes, ${sensors} sensors, ${faults.length} faults.</p>
<h2>Frames</h2>${table(['sent', 'acknowledged', 'refused', 'stored', 'lost'], [[frames.sent, frames.acknowledged, frames.refused, frames.stored, frames.lost]])}
<h2>Rows</h2>${table(
    ['table', 'rows', 'duplicates'],
    unique.map(({ what, rows, duplicates }) => [what, rows, duplicates]),
  )}
<p>${aggregates.windows} windows, ${aggregates.different} differ from their seconds. Webhooks: ${webhooks.deliveries} deliveries of ${webhooks.transitions} transitions, ${webhooks.duplicates} under two keys.</p>
<h2>Outputs against the run without faults</h2>${table(
    ['topic', 'distinct', 'expected', 'made again', 'missing', 'unexpected', 'different', 'contradictory'],
    outputs.map((one) => [
      one.topic,
      one.distinct,
      one.expected,
      one.repeated,
      one.missing,
      one.unexpected,
      one.different,
      one.contradictions,
    ]),
  )}
${examples.length === 0 ? '' : `<pre>${examples.map(escaped).join('\n')}</pre>`}
<h2>Faults</h2>${table(
    ['at, s', 'what', 'where', 'for, s', 'outcome'],
    faults.map((one) => [(one.atMs / 1000).toFixed(1), one.kind, one.target, one.holdMs / 1000, one.outcome]),
  )}
<h2>Restarts</h2>${table(['process', 'restarts'], Object.entries(restarts))}</html>\n`;
};
