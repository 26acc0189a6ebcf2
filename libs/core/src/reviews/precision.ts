/** Of 95 %. */
const Z = 1.959964;

export interface Precision {
  /** Share of the reviewed events of a label that were right; null without any. */
  readonly precision: number | null;
  /** 95 % interval of the share (Wilson's score interval); null without any. */
  readonly low: number | null;
  readonly high: number | null;
}

/** The precision of a label after `right` and `wrong` reviews. Reviews are chosen, not drawn: of a queue it is what was reviewed, not what there is. */
export const precisionOf = (right: number, wrong: number): Precision => {
  const n = right + wrong;
  if (n === 0) return { precision: null, low: null, high: null };
  const p = right / n;
  const centre = p + (Z * Z) / (2 * n);
  const half = Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  const scale = 1 + (Z * Z) / n;
  return { precision: p, low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) };
};
