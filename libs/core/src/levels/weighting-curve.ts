/** Pole frequencies of IEC 61672-1:2013, annex E, Hz. */
export const F1_HZ = 20.598997;
export const F2_HZ = 107.65265;
export const F3_HZ = 737.86223;
export const F4_HZ = 12194.217;

export type WeightingCurve = 'A' | 'C';

const rawGain = (curve: WeightingCurve, frequencyHz: number): number => {
  const f2 = frequencyHz * frequencyHz;
  const c = (F4_HZ * F4_HZ * f2) / ((f2 + F1_HZ * F1_HZ) * (f2 + F4_HZ * F4_HZ));
  return curve === 'C' ? c : (c * f2) / Math.sqrt((f2 + F2_HZ * F2_HZ) * (f2 + F3_HZ * F3_HZ));
};

/** The analytic curve of IEC 61672-1 (5.5.6, E.4), dB; 0 dB at 1 kHz. */
export const weightingDb = (curve: WeightingCurve, frequencyHz: number): number =>
  20 * Math.log10(rawGain(curve, frequencyHz) / rawGain(curve, 1000));
