/**
 * Coefficients of a polyphase all-pass (elliptic) half-band filter: H(z) = (A0(z²) + z⁻¹ A1(z²)) / 2, with even-indexed
 * coefficients in A0 and odd-indexed ones in A1, each a section (c + z⁻²) / (1 + c z⁻²).
 *
 * `count`: number of coefficients. `transition`: width of the transition band as a share of the rate, centred on rate/4.
 * Source: Valenzuela and Constantinides, "Digital signal processing schemes for efficient interpolation and decimation", 1983.
 */
export const designHalfBand = (count: number, transition: number): readonly number[] => {
  const k = Math.tan(((1 - 2 * transition) * Math.PI) / 4) ** 2;
  const root = (1 - k * k) ** 0.25;
  const e = (0.5 * (1 - root)) / (1 + root);
  const e4 = e ** 4;
  const q = e * (1 + e4 * (2 + e4 * (15 + 150 * e4)));
  const order = 2 * count + 1;
  return Array.from({ length: count }, (_, index) => {
    const c = index + 1;
    let numerator = 0;
    let denominator = 0.5;
    for (let i = 0; i < 40; i++) {
      const sign = i % 2 === 0 ? 1 : -1;
      numerator += sign * q ** (i * (i + 1)) * Math.sin(((2 * i + 1) * c * Math.PI) / order);
      if (i > 0) denominator += sign * q ** (i * i) * Math.cos((2 * i * c * Math.PI) / order);
    }
    const w = ((numerator * q ** 0.25) / denominator) ** 2;
    const x = Math.sqrt((1 - w * k) * (1 - w / k)) / (1 + w);
    return (1 - x) / (1 + x);
  });
};

/** |H| at `omega` = 2π f / (rate before decimation). */
export const halfBandGain = (coefficients: readonly number[], omega: number): number => {
  const branch = (parity: number): number =>
    coefficients.reduce((phase, c, i) => {
      if (i % 2 !== parity) return phase;
      const theta = 2 * omega;
      // Phase of (c + e^-jθ) / (1 + c e^-jθ).
      return (
        phase +
        Math.atan2(-Math.sin(theta), c + Math.cos(theta)) -
        Math.atan2(-c * Math.sin(theta), 1 + c * Math.cos(theta))
      );
    }, 0);
  return Math.abs(Math.cos((branch(0) - (branch(1) - omega)) / 2));
};
