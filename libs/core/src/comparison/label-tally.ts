import type { LabelComparison } from './types.js';

/** Counts, unit by unit, how two models agree on each label. */
export class LabelTally {
  private units = 0;
  private agreed = 0;
  private readonly counts = new Map<string, { agreed: number; onlyA: number; onlyB: number; difference: number }>();

  /** A label that a model does not have is probability 0. thresholds: by label. */
  add(
    a: ReadonlyMap<string, number>,
    b: ReadonlyMap<string, number>,
    thresholdA: (label: string) => number,
    thresholdB: (label: string) => number,
  ): void {
    let isSame = true;
    for (const label of new Set([...a.keys(), ...b.keys()])) {
      const [p, q] = [a.get(label) ?? 0, b.get(label) ?? 0];
      const [isA, isB] = [p >= thresholdA(label), q >= thresholdB(label)];
      const count = this.counts.get(label) ?? { agreed: 0, onlyA: 0, onlyB: 0, difference: 0 };
      count.agreed += isA === isB ? 1 : 0;
      count.onlyA += isA && !isB ? 1 : 0;
      count.onlyB += isB && !isA ? 1 : 0;
      count.difference += Math.abs(p - q);
      this.counts.set(label, count);
      isSame &&= isA === isB;
    }
    this.units += 1;
    this.agreed += isSame ? 1 : 0;
  }

  /** 1 when nothing was compared. */
  get agreement(): number {
    return this.units === 0 ? 1 : this.agreed / this.units;
  }

  get labels(): readonly LabelComparison[] {
    return [...this.counts]
      .map(([label, { agreed, onlyA, onlyB, difference }]) => ({
        label,
        agreement: agreed / this.units,
        onlyA,
        onlyB,
        meanAbsDifference: difference / this.units,
      }))
      .sort((a, b) => (a.label < b.label ? -1 : 1));
  }
}
