import { type Biquad, cascadeDb, scaled } from './biquad.js';
import { type FitPoint, fitMagnitude } from './magnitude-fit.js';
import { F1_HZ, F2_HZ, F3_HZ, type WeightingCurve, weightingDb } from './weighting-curve.js';

/** Digital A and C weighting at one rate; both run behind the shared section. */
export interface WeightingFilters {
  /** Two zeros at DC, two poles at 20.6 Hz. */
  readonly shared: Biquad;
  /** Two zeros at DC, poles at 107.7 and 737.9 Hz: A only. */
  readonly aLow: Biquad;
  /** What is left to the analytic curve up to Nyquist, two sections each. */
  readonly aHigh: readonly [Biquad, Biquad];
  readonly cHigh: readonly [Biquad, Biquad];
}

/** Poles at s = -2πf become z = exp(-2πf/rate) (matched z), zeros z = 1. */
const highPassPair = (f1Hz: number, f2Hz: number, rateHz: number): Biquad => {
  const p1 = Math.exp((-2 * Math.PI * f1Hz) / rateHz);
  const p2 = Math.exp((-2 * Math.PI * f2Hz) / rateHz);
  return { b0: 1, b1: -2, b2: 1, a1: -(p1 + p2), a2: p1 * p2 };
};

const FIT_POINTS = 96;
/** The fit ends here, as a share of the rate; above, up to Nyquist, it is free. */
const FIT_END = 0.485;

const START_ZEROS = [0.3, -0.2, -0.5, -0.8];
const START_POLES = [0.45, 0.1, -0.35, -0.65];

const correction = (curve: WeightingCurve, low: readonly Biquad[], rateHz: number): readonly [Biquad, Biquad] => {
  const points = Array.from({ length: FIT_POINTS }, (_, i): FitPoint => {
    const share = (i + 0.5) / FIT_POINTS;
    // Denser at both ends: where the curve bends and next to Nyquist.
    const frequencyHz = rateHz * FIT_END * (0.5 - 0.5 * Math.cos(Math.PI * share));
    const omega = (2 * Math.PI * frequencyHz) / rateHz;
    return { omega, targetDb: weightingDb(curve, frequencyHz) - cascadeDb(low, omega), weight: 1 };
  });
  const fitted = fitMagnitude(points, START_ZEROS, START_POLES);
  const at1kHz = cascadeDb([...low, ...fitted], (2 * Math.PI * 1000) / rateHz);
  const [first, second] = scaled(fitted, 10 ** (-at1kHz / 20));
  if (first === undefined || second === undefined) throw new Error('two sections expected');
  return [first, second];
};

/**
 * A and C weighting that follow the analytic curve of IEC 61672-1 up to close to Nyquist: the low poles are matched, and
 * what is left of the curve is fitted (least squares on the level). 0 dB at 1 kHz. `rateHz` 8,000 … 192,000.
 */
export const designWeighting = (rateHz: number): WeightingFilters => {
  const shared = highPassPair(F1_HZ, F1_HZ, rateHz);
  const aLow = highPassPair(F2_HZ, F3_HZ, rateHz);
  return {
    shared,
    aLow,
    aHigh: correction('A', [shared, aLow], rateHz),
    cHigh: correction('C', [shared], rateHz),
  };
};
