import { type Check, type Figure, passes } from './checks.js';
import { weightingLimits } from './limits.js';

export interface Report {
  readonly claim: string;
  readonly pass: boolean;
  /** What could not be checked. */
  readonly absent: readonly string[];
  readonly checks: readonly Check[];
}

const escaped = (text: string): string => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);

const WIDTH = 720;
const HEIGHT = 160;

/** Deviation (dots) over log frequency, with the limits of class 1 and 2 where the check is a weighting. */
const plot = ({ title, figures }: Check): string => {
  const weighting = title.includes('weighting');
  const span = weighting
    ? 3
    : Math.max(0.05, ...figures.map(({ deviationDb }) => Math.abs(deviationDb)).filter(Number.isFinite));
  const y = (db: number): string =>
    (HEIGHT / 2 - (Math.max(-span, Math.min(span, db)) / span) * (HEIGHT / 2 - 8)).toFixed(1);
  const x = (index: number): string => (30 + (index / Math.max(1, figures.length - 1)) * (WIDTH - 40)).toFixed(1);
  const line = (of: (each: Figure) => number, colour: string): string =>
    `<polyline fill="none" stroke="${colour}" points="${figures.map((each, i) => `${x(i)},${y(of(each))}`).join(' ')}"/>`;
  const limits = weighting
    ? (['class1', 'class2'] as const).flatMap((name) =>
        (['upper', 'lower'] as const).map((side) =>
          line((each) => weightingLimits(each.x)[name][side], name === 'class1' ? '#c00' : '#e90'),
        ),
      )
    : [];
  const dots = figures.map(
    (each, i) =>
      `<circle cx="${x(i)}" cy="${y(each.deviationDb)}" r="2.5"><title>${escaped(each.label)} ${each.deviationDb.toFixed(3)} dB</title></circle>`,
  );
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}"><text x="0" y="12" font-size="10">±${span.toFixed(2)} dB</text><path d="M30 ${HEIGHT / 2}H${WIDTH}" stroke="#999"/>${limits.join('')}${dots.join('')}</svg>`;
};

export const worstOf = ({ figures }: Check): Figure | undefined =>
  [...figures].sort((a, b) =>
    Number.isFinite(a.lowerDb) ? Math.abs(b.deviationDb) - Math.abs(a.deviationDb) : b.deviationDb - a.deviationDb,
  )[0];

/** One self-contained page. */
export const pageOf = ({ claim, pass, absent, checks }: Report): string => {
  const sections = checks.map((check) => {
    const failed = check.figures.filter((each) => !passes(each));
    const worst = worstOf(check);
    const verdict = failed.length === 0 ? 'pass' : `FAIL: ${failed.map(({ label }) => label).join(', ')}`;
    const figures = `worst ${worst?.deviationDb.toFixed(3) ?? ''} dB (${worst?.label ?? ''}), ${check.figures.length} figures`;
    return `<h2>${escaped(check.title)}</h2><p>${escaped(verdict)}; ${escaped(figures)}</p>${plot(check)}`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Earshot: conformance of the level engine</title>
<body style="font-family:sans-serif;max-width:60em;margin:2em auto"><h1>Level engine: ${pass ? 'pass' : 'FAIL'}</h1><p>${escaped(claim)}</p>
<p>Red: limits of class 1; orange: of class 2. ${absent.map(escaped).join(' ')}</p>${sections.join('\n')}</body></html>\n`;
};
