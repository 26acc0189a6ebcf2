import type { Figures } from './baseline/figures.js';
import { spreadOf, type Spread } from './spread.js';

export type Timings = Readonly<Record<string, readonly number[]>>;

/** Asks for a row: the CPU time of `engine`, beside that of `ours`, which does the same work. */
export interface RowAsked {
  readonly part: string;
  readonly engine: string;
  /** Names in the timings, which are added up. */
  readonly of: readonly string[];
  /** Names of Earshot's; absent: the row is Earshot's own. */
  readonly ours?: readonly string[];
  /** The least that the ratio should be. */
  readonly target?: number;
}

export interface BenchRow {
  readonly part: string;
  readonly engine: string;
  /** CPU time per unit of the bench. */
  readonly cpu: Spread;
  /** CPU time of this engine over Earshot's, run by run; null: the row is Earshot's own. */
  readonly ratio: Spread | null;
  readonly ratioRuns: readonly number[];
  readonly target: number | null;
}

/** Run by run. */
const sumOf = (timings: Timings, names: readonly string[]): readonly number[] | null => {
  const all = names.map((name) => timings[name]);
  if (!all.every((runs) => runs !== undefined)) return null;
  return all[0]?.map((_, i) => all.reduce((sum, runs) => sum + (runs[i] ?? NaN), 0)) ?? null;
};

/** Rows of what was measured; those without timings (no reference) are left out. */
export const rowsOf = (timings: Timings, asked: readonly RowAsked[]): readonly BenchRow[] =>
  asked.flatMap(({ part, engine, of, ours, target }) => {
    const runs = sumOf(timings, of);
    const own = ours === undefined ? null : sumOf(timings, ours);
    if (runs === null) return [];
    const ratioRuns = own === null ? [] : runs.map((ms, i) => ms / (own[i] ?? NaN));
    const ratio = own === null ? null : spreadOf(ratioRuns);
    return [{ part, engine, cpu: spreadOf(runs), ratio, ratioRuns, target: target ?? null }];
  });

/** The ratios of the rows, as figures for a baseline. */
export const ratioFigures = (rows: readonly BenchRow[]): Figures =>
  Object.fromEntries(
    rows
      .filter(({ ratio }) => ratio !== null)
      .map(({ part, engine, ratioRuns }) => [
        `${part}: faster than ${engine}`,
        { better: 'higher', runs: ratioRuns } as const,
      ]),
  );

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** `unit` of the CPU time. */
export const rowsTable = (rows: readonly BenchRow[], unit: string): readonly string[] => [
  `| part | engine | CPU, ${unit} | spread | Earshot is faster by | spread | target |`,
  '|---|---|---|---|---|---|---|',
  ...rows.map(({ part, engine, cpu, ratio, target }) => {
    const cells = [
      ...[part, engine, number(cpu.median), `${number(cpu.min)}–${number(cpu.max)}`],
      ratio === null ? '' : `${number(ratio.median)} ×`,
      ratio === null ? '' : `${number(ratio.min)}–${number(ratio.max)}`,
      target === null || ratio === null ? '' : `${target} ×: ${ratio.median >= target ? 'met' : 'missed'}`,
    ];
    return `| ${cells.join(' | ')} |`;
  }),
];

/** Lines that say that a reference is missing. */
export const absence = (referenceAbsent: string | null): readonly string[] =>
  referenceAbsent === null ? [] : ['', `The reference did not run: ${referenceAbsent}`];
