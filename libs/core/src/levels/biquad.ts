/** Second-order section; a0 = 1. */
export interface Biquad {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

/** |H| of one section at `omega` = 2π f / rate. */
export const biquadGain = ({ b0, b1, b2, a1, a2 }: Biquad, omega: number): number => {
  const c1 = Math.cos(omega);
  const c2 = Math.cos(2 * omega);
  const s1 = Math.sin(omega);
  const s2 = Math.sin(2 * omega);
  return Math.hypot(b0 + b1 * c1 + b2 * c2, b1 * s1 + b2 * s2) / Math.hypot(1 + a1 * c1 + a2 * c2, a1 * s1 + a2 * s2);
};

/** |H| of sections in series, dB. */
export const cascadeDb = (sections: readonly Biquad[], omega: number): number =>
  sections.reduce((db, section) => db + 20 * Math.log10(biquadGain(section, omega)), 0);

/** Sections in series with their gain put into the first. */
export const scaled = (sections: readonly Biquad[], gain: number): readonly Biquad[] =>
  sections.map((section, i) =>
    i === 0 ? { ...section, b0: section.b0 * gain, b1: section.b1 * gain, b2: section.b2 * gain } : section,
  );
