import type { Biquad } from './biquad.js';

/** What a section has to do at one frequency. */
export interface FitPoint {
  /** 2π f / rate. */
  readonly omega: number;
  readonly targetDb: number;
  readonly weight: number;
}

const TEN_PER_LN10 = 10 / Math.LN10;

/** Solves a·x = b for a small symmetric positive definite matrix (rows), by Gauss with pivots; changes both. */
const solve = (a: number[][], b: number[]): readonly number[] => {
  const n = b.length;
  const at = (row: number, column: number): number => a[row]?.[column] ?? 0;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(at(i, k)) > Math.abs(at(pivot, k))) pivot = i;
    [a[k], a[pivot]] = [a[pivot] ?? [], a[k] ?? []];
    [b[k], b[pivot]] = [b[pivot] ?? 0, b[k] ?? 0];
    for (let i = k + 1; i < n; i++) {
      const factor = at(i, k) / at(k, k);
      const row = a[i] ?? [];
      for (let j = k; j < n; j++) row[j] = at(i, j) - factor * at(k, j);
      b[i] = (b[i] ?? 0) - factor * (b[k] ?? 0);
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    let sum = b[k] ?? 0;
    for (let j = k + 1; j < n; j++) sum -= at(k, j) * (b[j] ?? 0);
    b[k] = sum / at(k, k);
  }
  return b;
};

/** Roots stay inside the unit circle: root = LIMIT · tanh(parameter). */
const LIMIT = 0.9999;

interface Residuals {
  readonly cost: number;
  readonly residuals: readonly number[];
  readonly jacobian: readonly (readonly number[])[];
}

/**
 * Minimum-phase filter with as many real zeros as real poles, fitted to a magnitude in dB by damped least squares
 * (Levenberg-Marquardt) from a fixed start: the same points give the same filter.
 *
 * `startZeros` and `startPoles` in (-1, 1), an even number of each. Returns sections; gain in the first.
 */
export const fitMagnitude = (
  points: readonly FitPoint[],
  startZeros: readonly number[],
  startPoles: readonly number[],
): readonly Biquad[] => {
  const zeroCount = startZeros.length;
  const signs = [...startZeros.map(() => 1), ...startPoles.map(() => -1)];
  const root = (parameter: number): number => LIMIT * Math.tanh(parameter);
  const evaluate = (parameters: readonly number[]): Residuals => {
    const gainDb = parameters.at(-1) ?? 0;
    let cost = 0;
    const residuals: number[] = [];
    const jacobian: number[][] = [];
    for (const { omega, targetDb, weight } of points) {
      const c = Math.cos(omega);
      let db = gainDb;
      const row = signs.map((sign, i) => {
        const p = parameters[i] ?? 0;
        const r = root(p);
        const power = 1 - 2 * r * c + r * r;
        db += sign * 10 * Math.log10(power);
        const drdp = LIMIT * (1 - Math.tanh(p) ** 2);
        return (weight * sign * TEN_PER_LN10 * (2 * r - 2 * c) * drdp) / power;
      });
      row.push(weight);
      const residual = weight * (db - targetDb);
      cost += residual * residual;
      residuals.push(residual);
      jacobian.push(row);
    }
    return { cost, residuals, jacobian };
  };

  let parameters = [...startZeros, ...startPoles].map((start) => Math.atanh(start / LIMIT)).concat(0);
  let current = evaluate(parameters);
  let damping = 1e-2;
  for (let iteration = 0; iteration < 200 && damping < 1e12; iteration++) {
    const n = parameters.length;
    const normal = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (__, j) => current.jacobian.reduce((s, row) => s + (row[i] ?? 0) * (row[j] ?? 0), 0)),
    );
    const gradient = Array.from({ length: n }, (_, i) =>
      current.residuals.reduce((s, residual, k) => s - residual * (current.jacobian[k]?.[i] ?? 0), 0),
    );
    const damped = normal.map((row, i) => row.map((v, j) => (i === j ? v * (1 + damping) + 1e-12 : v)));
    const delta = solve(damped, gradient);
    const candidate = parameters.map((p, i) => p + (delta[i] ?? 0));
    const next = evaluate(candidate);
    if (next.cost < current.cost) {
      const settled = current.cost - next.cost < 1e-7 * current.cost;
      parameters = candidate;
      current = next;
      damping = Math.max(damping / 4, 1e-12);
      if (settled) break;
    } else {
      damping *= 4;
    }
  }

  const zeros = parameters.slice(0, zeroCount).map(root);
  const poles = parameters.slice(zeroCount, -1).map(root);
  const gain = 10 ** ((parameters.at(-1) ?? 0) / 20);
  return Array.from({ length: zeroCount / 2 }, (_, i): Biquad => {
    const [z0, z1, p0, p1] = [zeros[2 * i] ?? 0, zeros[2 * i + 1] ?? 0, poles[2 * i] ?? 0, poles[2 * i + 1] ?? 0];
    const g = i === 0 ? gain : 1;
    return { b0: g, b1: -g * (z0 + z1), b2: g * z0 * z1, a1: -(p0 + p1), a2: p0 * p1 };
  });
};
