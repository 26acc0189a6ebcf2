import { type Biquad, cascadeDb, scaled } from './biquad.js';
import type { ThirdOctaveBand } from './third-octave.js';

/**
 * H(z) = (1 - z⁻¹)³ · (n0 + n1 z⁻¹ + n2 z⁻²) / Π (1 + a1 z⁻¹ + a2 z⁻²), three all-pole sections.
 * The third difference is the same for all bands of a rate.
 */
export interface BandFilter {
  readonly numerator: readonly [number, number, number];
  /** a1, a2 of the three sections. */
  readonly poles: readonly [number, number, number, number, number, number];
}

interface Complex {
  readonly re: number;
  readonly im: number;
}

const complexSqrt = ({ re, im }: Complex): Complex => {
  const r = Math.hypot(re, im);
  const s = Math.sqrt((r + Math.abs(re)) / 2);
  if (s === 0) return { re: 0, im: 0 };
  return re >= 0 ? { re: s, im: im / (2 * s) } : { re: Math.abs(im) / (2 * s), im: im >= 0 ? s : -s };
};

/** Poles of the third-order Butterworth band-pass (sixth order in all), carried over by z = exp(s / rate). */
const matchedPoles = ({ lowerHz, upperHz }: ThirdOctaveBand, rateHz: number): BandFilter['poles'] => {
  const width = 2 * Math.PI * (upperHz - lowerHz);
  const centre2 = 4 * Math.PI * Math.PI * lowerHz * upperHz;
  /** One root of s² - pole·width·s + centre² = 0 and its conjugate. */
  const section = (pole: Complex, sign: number): readonly [number, number] => {
    const half = { re: (pole.re * width) / 2, im: (pole.im * width) / 2 };
    const root = complexSqrt({ re: half.re * half.re - half.im * half.im - centre2, im: 2 * half.re * half.im });
    const radius = Math.exp((half.re + sign * root.re) / rateHz);
    return [-2 * radius * Math.cos((half.im + sign * root.im) / rateHz), radius * radius];
  };
  const pole = { re: -0.5, im: Math.sqrt(0.75) };
  const [a, b, c] = [section({ re: -1, im: 0 }, 1), section(pole, 1), section(pole, -1)];
  return [a[0], a[1], b[0], b[1], c[0], c[1]];
};

type Triple = readonly [number, number, number];

const determinant = (a: Triple, b: Triple, c: Triple): number =>
  a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);

/** |c0 + c1 cos ω + c2 cos 2ω| closest to the targets in relative terms (linear least squares). */
const fitPower = (points: readonly { omega: number; power: number; weight: number }[]): Triple => {
  const m = [0, 0, 0].map(() => [0, 0, 0]) as [
    [number, number, number],
    [number, number, number],
    [number, number, number],
  ];
  const v: [number, number, number] = [0, 0, 0];
  for (const { omega, power, weight } of points) {
    const row = [1, Math.cos(omega), Math.cos(2 * omega)].map((x) => (x * weight) / power) as [number, number, number];
    for (const i of [0, 1, 2] as const) {
      for (const j of [0, 1, 2] as const) m[i][j] += row[i] * row[j];
      v[i] += row[i] * weight;
    }
  }
  const all = determinant(m[0], m[1], m[2]);
  // Cramer's rule; m is symmetric, so columns are rows.
  return [determinant(v, m[1], m[2]) / all, determinant(m[0], v, m[2]) / all, determinant(m[0], m[1], v) / all];
};

/** Minimum-phase n0 (1 - r1 z⁻¹)(1 - r2 z⁻¹), up to its gain, whose power is c0 + c1 cos ω + c2 cos 2ω. */
const minimumPhase = ([c0, c1, c2]: Triple, what: string): Triple => {
  // In x = cos ω: 2 c2 x² + c1 x + (c0 - c2).
  const discriminant = c1 * c1 - 8 * c2 * (c0 - c2);
  const roots = [1, -1].map((sign) => (-c1 + sign * Math.sqrt(discriminant)) / (4 * c2));
  const zeros = roots.map((x) => x - Math.sign(x) * Math.sqrt(x * x - 1));
  const [r1 = NaN, r2 = NaN] = zeros;
  if (!zeros.every((r) => Math.abs(r) < 1)) throw new Error(`${what}: no minimum-phase numerator`);
  return [1, -(r1 + r2), r1 * r2];
};

const IN_BAND_POINTS = 60;
const SKIRT_POINTS = 20;

/**
 * Third-octave band-pass that follows the analogue third-order Butterworth band-pass, -3 dB at both edges, also next to
 * Nyquist: the poles are matched, (1 - z⁻¹)³ are its zeros at DC, and the rest of the numerator is fitted.
 * Inside the limits of IEC 61260-1 class 1. The upper edge has to lie between 0.08 and 0.475 of the rate.
 */
export const designBand = (band: ThirdOctaveBand, rateHz: number): BandFilter => {
  const { midHz, lowerHz, upperHz, label } = band;
  const poles = matchedPoles(band, rateHz);
  const base = bandSections({ numerator: [1, 0, 0], poles });
  const point = (frequencyHz: number, weight: number): { omega: number; power: number; weight: number } => {
    const omega = (2 * Math.PI * frequencyHz) / rateHz;
    const detuning = (frequencyHz / midHz - midHz / frequencyHz) / ((upperHz - lowerHz) / midHz);
    return { omega, power: 1 / (1 + detuning ** 6) / 10 ** (cascadeDb(base, omega) / 10), weight };
  };
  const span = (fromHz: number, toHz: number, count: number, weight: number): readonly ReturnType<typeof point>[] =>
    Array.from({ length: count }, (_, i) => point(fromHz + ((toHz - fromHz) * (i + 0.5)) / count, weight));
  const numerator = minimumPhase(
    fitPower([
      ...span(0.98 * lowerHz, Math.min(1.02 * upperHz, 0.49 * rateHz), IN_BAND_POINTS, 1),
      ...span(0.05 * midHz, 0.85 * midHz, SKIRT_POINTS, 0.05),
      ...span(1.02 * upperHz, 0.49 * rateHz, SKIRT_POINTS, 0.02),
    ]),
    `band ${label} Hz at ${rateHz} Hz`,
  );
  const atMidDb = cascadeDb(bandSections({ numerator, poles }), (2 * Math.PI * midHz) / rateHz);
  const gain = 10 ** (-atMidDb / 20);
  return { numerator: [numerator[0] * gain, numerator[1] * gain, numerator[2] * gain], poles };
};

/** The same filter as second-order sections, for its response. */
export const bandSections = ({ numerator, poles }: BandFilter): readonly Biquad[] => [
  { b0: 1, b1: -2, b2: 1, a1: poles[0], a2: poles[1] },
  { b0: 1, b1: -1, b2: 0, a1: poles[2], a2: poles[3] },
  { b0: 1, b1: 0, b2: 0, a1: poles[4], a2: poles[5] },
  ...scaled([{ b0: 1, b1: numerator[1] / numerator[0], b2: numerator[2] / numerator[0], a1: 0, a2: 0 }], numerator[0]),
];
