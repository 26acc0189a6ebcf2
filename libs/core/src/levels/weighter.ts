import type { Biquad } from './biquad.js';
import type { WeighingPlan } from './kernel.js';
import { PEAK_HISTORY } from './true-peak.js';
import { designWeighting, type WeightingFilters } from './weighting.js';
import type { WeightingCurve } from './weighting-curve.js';

/** Time constant of time weighting F, s. */
const F_TIME_S = 0.125;
/** Time constant of time weighting S, s. */
const S_TIME_S = 1;
/** Time weighting I: exponential average, then a peak detector that falls (IEC 60651), s. */
const I_RISE_S = 0.035;
const I_FALL_S = 1.5;
/** F weighting is within 0.002 dB of its level this long after it began at rest, s. */
export const SETTLED_S = 1;
/** -3 dB point of the high-pass that makes Z, Hz. */
const DC_CORNER_HZ = 1;

/** Memory: x and z before; two numbers each of the shared section, A's three and C's two; LAF. */
export const WEIGHTER = { dc: 0, laf: 14, size: 15 } as const;

/** Further memory, behind that of the octave bank (so that older snapshots stay readable). */
export const WEIGHTER_MORE = { las: 0, rise: 1, lai: 2, age: 3, history: 4, size: 4 + PEAK_HISTORY } as const;

const PASS: Biquad = { b0: 1, b1: 0, b2: 0, a1: 0, a2: 0 };
/** Where Z moves the poles of the section that A and C share, Hz: far below anything that is measured. */
const Z_POLES_HZ = 0.05;

/** What makes `curve` of the shared section. */
const pathOf = (
  { shared, aLow, aHigh, cHigh }: WeightingFilters,
  curve: WeightingCurve | 'Z',
  rateHz: number,
): Pick<WeighingPlan, 'aLow' | 'aHigh'> => {
  if (curve === 'A') return { aLow, aHigh };
  if (curve === 'C') return { aLow: PASS, aHigh: cHigh };
  const pole = Math.exp((-2 * Math.PI * Z_POLES_HZ) / rateHz);
  return { aLow: { b0: 1, b1: shared.a1, b2: shared.a2, a1: -2 * pole, a2: pole * pole }, aHigh: [PASS, PASS] };
};

/** DC removal, A, C and time weightings F, S and I at one rate; `curve` takes A's place. */
export const planWeighing = (rateHz: number, curve: WeightingCurve | 'Z'): WeighingPlan => {
  const t = Math.tan((Math.PI * DC_CORNER_HZ) / rateHz);
  const filters = designWeighting(rateHz);
  return {
    shared: filters.shared,
    cHigh: filters.cHigh,
    ...pathOf(filters, curve, rateHz),
    dcGain: 1 / (1 + t),
    dcPole: (1 - t) / (1 + t),
    rising: 1 - Math.exp(-1 / (rateHz * I_RISE_S)),
    falling: Math.exp(-1 / (rateHz * I_FALL_S)),
    fast: 1 - Math.exp(-1 / (rateHz * F_TIME_S)),
    slow: 1 - Math.exp(-1 / (rateHz * S_TIME_S)),
  };
};
