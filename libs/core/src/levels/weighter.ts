import { SECOND, SECOND_MORE } from './level-meter.js';
import { PEAK_HISTORY, truePeak } from './true-peak.js';
import { BLOCK } from './octave-bank.js';
import { designWeighting } from './weighting.js';

/** Time constant of time weighting F, s. */
const F_TIME_S = 0.125;
/** Time constant of time weighting S, s. */
const S_TIME_S = 1;
/** Time weighting I: exponential average, then a peak detector that falls (IEC 60651), s. */
const I_RISE_S = 0.035;
const I_FALL_S = 1.5;
/** F weighting is within 0.002 dB of its level this long after it began at rest, s. */
const SETTLED_S = 1;
/** -3 dB point of the high-pass that makes Z, Hz. */
const DC_CORNER_HZ = 1;

/** Further memory, behind that of the octave bank (so that older snapshots stay readable). */
const MORE = { las: 0, rise: 1, lai: 2, age: 3, history: 4 } as const;

/** DC removal, A, C and time weightings F, S and I in one loop, over caller-owned memory. */
export interface Weighter {
  readonly memorySize: number;
  readonly moreSize: number;
  /** At rest on a constant `dc`. */
  prime(memory: Float64Array, dc: number): void;
  /** Replaces the first `length` samples of `block` by Z; adds to the accumulators of the second (A to second[aAt], the later ones from second[moreAt]). */
  process(
    memory: Float64Array,
    memoryMoreAt: number,
    block: Float64Array,
    length: number,
    second: Float64Array,
    aAt: number,
    moreAt: number,
  ): void;
  /** F-weighted mean square of A now. */
  lafMeanSquare(memory: Float64Array): number;
}

const LAF_AT = 14;
const MEMORY_SIZE = 15;

export const createWeighter = (rateHz: number): Weighter => {
  const { shared, aLow, aHigh, cHigh } = designWeighting(rateHz);
  const [a3, a4] = aHigh;
  const [c3, c4] = cHigh;
  const t = Math.tan((Math.PI * DC_CORNER_HZ) / rateHz);
  const dcPole = (1 - t) / (1 + t);
  const dcGain = 1 / (1 + t);
  const cSamples = new Float64Array(PEAK_HISTORY + BLOCK);
  const settledAt = Math.round(SETTLED_S * rateHz);
  const slow = 1 - Math.exp(-1 / (rateHz * S_TIME_S));
  const rising = 1 - Math.exp(-1 / (rateHz * I_RISE_S));
  const falling = Math.exp(-1 / (rateHz * I_FALL_S));
  const alpha = 1 - Math.exp(-1 / (rateHz * F_TIME_S));
  return {
    memorySize: MEMORY_SIZE,
    moreSize: MORE.history + PEAK_HISTORY,
    prime: (memory, dc) => {
      memory.fill(0, 0, MEMORY_SIZE);
      memory[0] = dc;
    },
    lafMeanSquare: (memory) => memory[LAF_AT] as number,
    process: (m, more, block, length, second, aAt, moreAt) => {
      // Coefficients (b0 = 1 and b1 = -2, b2 = 1 of the low sections are written out).
      const { a1: s1, a2: s2 } = shared;
      const { a1: l1, a2: l2 } = aLow;
      const { b0: a3b0, b1: a3b1, b2: a3b2, a1: a3a1, a2: a3a2 } = a3;
      const { b0: a4b0, b1: a4b1, b2: a4b2, a1: a4a1, a2: a4a2 } = a4;
      const { b0: c3b0, b1: c3b1, b2: c3b2, a1: c3a1, a2: c3a2 } = c3;
      const { b0: c4b0, b1: c4b1, b2: c4b2, a1: c4a1, a2: c4a2 } = c4;
      let x1 = m[0] as number;
      let z1 = m[1] as number;
      let p = m[2] as number;
      let pp = m[3] as number;
      let q = m[4] as number;
      let qq = m[5] as number;
      let r = m[6] as number;
      let rr = m[7] as number;
      let u = m[8] as number;
      let uu = m[9] as number;
      let v = m[10] as number;
      let vv = m[11] as number;
      let w = m[12] as number;
      let ww = m[13] as number;
      let laf = m[LAF_AT] as number;
      let zEnergy = second[SECOND.zEnergy] as number;
      let cEnergy = second[SECOND.cEnergy] as number;
      let cPeak = second[SECOND.cPeak] as number;
      let lafMax = second[SECOND.lafMax] as number;
      let aEnergy = second[aAt] as number;
      let las = m[more + MORE.las] as number;
      let rise = m[more + MORE.rise] as number;
      let lai = m[more + MORE.lai] as number;
      let lafMin = second[moreAt + SECOND_MORE.lafMin] as number;
      let lasMax = second[moreAt + SECOND_MORE.lasMax] as number;
      let laiMax = second[moreAt + SECOND_MORE.laiMax] as number;
      const settledFrom = settledAt - (m[more + MORE.age] as number);
      for (let k = 0; k < PEAK_HISTORY; k++) cSamples[k] = m[more + MORE.history + k] as number;
      for (let i = 0; i < length; i++) {
        const x = block[i] as number;
        const z = dcGain * (x - x1) + dcPole * z1;
        x1 = x;
        z1 = z;
        block[i] = z;
        zEnergy += z * z;

        const low = z + p;
        p = pp - 2 * z - s1 * low;
        pp = z - s2 * low;

        const cMid = c3b0 * low + v;
        v = c3b1 * low - c3a1 * cMid + vv;
        vv = c3b2 * low - c3a2 * cMid;
        const c = c4b0 * cMid + w;
        w = c4b1 * cMid - c4a1 * c + ww;
        ww = c4b2 * cMid - c4a2 * c;
        cEnergy += c * c;
        cSamples[PEAK_HISTORY + i] = c;
        const magnitude = c < 0 ? -c : c;
        if (magnitude > cPeak) cPeak = magnitude;

        const aIn = low + q;
        q = qq - 2 * low - l1 * aIn;
        qq = low - l2 * aIn;
        const aMid = a3b0 * aIn + r;
        r = a3b1 * aIn - a3a1 * aMid + rr;
        rr = a3b2 * aIn - a3a2 * aMid;
        const a = a4b0 * aMid + u;
        u = a4b1 * aMid - a4a1 * a + uu;
        uu = a4b2 * aMid - a4a2 * a;
        const square = a * a;
        aEnergy += square;
        laf += alpha * (square - laf);
        if (laf > lafMax) lafMax = laf;
        if (laf < lafMin && i >= settledFrom) lafMin = laf;
        las += slow * (square - las);
        if (las > lasMax) lasMax = las;
        rise += rising * (square - rise);
        lai = lai * falling;
        if (rise > lai) lai = rise;
        if (lai > laiMax) laiMax = lai;
      }
      m[0] = x1;
      m[1] = z1;
      m[2] = p;
      m[3] = pp;
      m[4] = q;
      m[5] = qq;
      m[6] = r;
      m[7] = rr;
      m[8] = u;
      m[9] = uu;
      m[10] = v;
      m[11] = vv;
      m[12] = w;
      m[13] = ww;
      m[LAF_AT] = laf;
      second[SECOND.zEnergy] = zEnergy;
      second[SECOND.cEnergy] = cEnergy;
      m[more + MORE.las] = las;
      m[more + MORE.rise] = rise;
      m[more + MORE.lai] = lai;
      m[more + MORE.age] = Math.min(settledAt, (m[more + MORE.age] as number) + length);
      for (let k = 0; k < PEAK_HISTORY; k++) m[more + MORE.history + k] = cSamples[length + k] as number;
      second[moreAt + SECOND_MORE.lafMin] = lafMin;
      second[moreAt + SECOND_MORE.lasMax] = lasMax;
      second[moreAt + SECOND_MORE.laiMax] = laiMax;
      second[SECOND.cPeak] = truePeak(cSamples, length, cPeak);
      second[SECOND.lafMax] = lafMax;
      second[aAt] = aEnergy;
    },
  };
};
