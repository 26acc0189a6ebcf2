import type { Figure, Figures } from './figures.js';
import { ratioInterval, type RatioInterval } from './ratio-interval.js';

/** More than this part worse is a regression. */
export const TOLERANCE = 0.1;

export interface Comparison {
  readonly figure: string;
  /** worse: by more than `TOLERANCE`, and so is all of the 95 % interval; missing: in the baseline, but not measured now. */
  readonly verdict: 'worse' | 'kept' | 'missing' | 'new';
  /** Mean now over mean of the baseline; null: there are not both. */
  readonly change: RatioInterval | null;
}

const isWorse = ({ better }: Figure, { low, high }: RatioInterval): boolean =>
  better === 'higher' ? high < 1 - TOLERANCE : low > 1 + TOLERANCE;

/** Every figure of either side. */
export const compareFigures = (before: Figures, now: Figures): readonly Comparison[] => [
  ...Object.entries(before).map(([figure, saved]): Comparison => {
    const found = now[figure];
    if (found === undefined) return { figure, verdict: 'missing', change: null };
    const change = ratioInterval(found.runs, saved.runs);
    return { figure, verdict: isWorse(saved, change) ? 'worse' : 'kept', change };
  }),
  ...Object.keys(now)
    .filter((figure) => before[figure] === undefined)
    .map((figure): Comparison => ({ figure, verdict: 'new', change: null })),
];

export const comparisonTable = (comparisons: readonly Comparison[]): string =>
  [
    'Against the baseline: mean now over mean then, with its 95 % interval.',
    '',
    '| figure | now / then | 95 % | |',
    '|---|---|---|---|',
    ...comparisons.map(({ figure, verdict, change }) => {
      const cells = [
        ...[figure, change === null ? '' : change.ratio.toFixed(3)],
        ...[change === null ? '' : `${change.low.toFixed(3)}–${change.high.toFixed(3)}`, verdict],
      ];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
  ].join('\n');
