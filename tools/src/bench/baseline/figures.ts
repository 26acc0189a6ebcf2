/** What one bench found of one thing, run by run. Ratios to a reference hold on any machine; absolute values on one only. */
export interface Figure {
  readonly better: 'higher' | 'lower';
  readonly runs: readonly number[];
}

export type Figures = Readonly<Record<string, Figure>>;
