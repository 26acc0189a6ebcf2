/** Modified Bessel function of the first kind, order 0 (power series). */
const besselI0 = (x: number): number => {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
};

/** Kaiser's formulas (1974): window shape and length for a stopband attenuation in dB above 50. */
export const kaiserBeta = (attenuationDb: number): number => 0.1102 * (attenuationDb - 8.7);

/** Length of the impulse response, in units of 1 / rate, for a transition band given as a share of the rate. */
export const kaiserLength = (attenuationDb: number, transition: number): number =>
  (attenuationDb - 7.95) / (14.36 * transition);

/** Kaiser window at `x` in [-1, 1]; 0 outside. */
export const createKaiserWindow = (beta: number): ((x: number) => number) => {
  const norm = besselI0(beta);
  return (x) => (Math.abs(x) > 1 ? 0 : besselI0(beta * Math.sqrt(1 - x * x)) / norm);
};
