/** Intervals of integration; even. */
const STEPS = 400;

/** Integral of cos(angle)^power from 0 to `to` (Simpson). */
const cosinePower = (power: number, to: number): number => {
  const h = to / STEPS;
  let sum = 0;
  for (let i = 0; i <= STEPS; i++) {
    const weight = i === 0 || i === STEPS ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.max(0, Math.cos(i * h)) ** power;
  }
  return (sum * h) / 3;
};

/**
 * t that a variable of Student's distribution with `freedom` degrees (1 or more, not necessarily whole) keeps below in absolute value with
 * probability `confidence`. With t = sqrt(freedom) tan(angle) the density is proportional to cos(angle)^(freedom - 1).
 */
export const studentT = (confidence: number, freedom: number): number => {
  const whole = cosinePower(freedom - 1, Math.PI / 2);
  let [low, high] = [0, Math.PI / 2];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (cosinePower(freedom - 1, middle) < confidence * whole) low = middle;
    else high = middle;
  }
  return Math.sqrt(freedom) * Math.tan((low + high) / 2);
};

/** The mean, and the variance of the mean. */
const meanOf = (runs: readonly number[]): { readonly mean: number; readonly variance: number } => {
  const mean = runs.reduce((sum, value) => sum + value, 0) / runs.length;
  const squares = runs.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (runs.length - 1) / runs.length };
};

export interface RatioInterval {
  readonly ratio: number;
  readonly low: number;
  /** Infinity (and low 0): the samples spread so much that they tell nothing. */
  readonly high: number;
}

/**
 * Mean of `current` over mean of `before`, and the ratios r for which Welch's test does not refute that mean(current) = r mean(before), at
 * 95 %. The samples are independent, of 3 or more positive values each, and may have different variances.
 *
 * E. C. Fieller, "Some problems in interval estimation", J. Royal Statistical Society B 16 (1954) 175–185; with unequal variances and Welch's
 * degrees of freedom (Biometrika 34 (1947) 28–35) at the estimated ratio, as in A. C. Tamhane and B. R. Logan, "Finding the maximum safe dose
 * level for heteroscedastic data", J. Biopharmaceutical Statistics 14 (2004) 843–856.
 */
export const ratioInterval = (current: readonly number[], before: readonly number[]): RatioInterval => {
  for (const runs of [current, before])
    if (runs.length < 3 || !runs.every((value) => value > 0 && Number.isFinite(value)))
      throw new Error(`[${runs.join(', ')}]: 3 or more positive values are needed for an interval`);
  const a = meanOf(current);
  const b = meanOf(before);
  const ratio = a.mean / b.mean;
  const scaled = ratio ** 2 * b.variance;
  const total = a.variance + scaled;
  if (total === 0) return { ratio, low: ratio, high: ratio };
  const freedom = total ** 2 / (a.variance ** 2 / (current.length - 1) + scaled ** 2 / (before.length - 1));
  const t = studentT(0.95, freedom);
  const g = (t ** 2 * b.variance) / b.mean ** 2;
  if (g >= 1) return { ratio, low: 0, high: Infinity };
  const half = (t / b.mean) * Math.sqrt(total - g * a.variance);
  return { ratio, low: Math.max(0, (ratio - half) / (1 - g)), high: (ratio + half) / (1 - g) };
};
