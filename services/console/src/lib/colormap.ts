/** Magma, a perceptually uniform map (degree-6 fit of matplotlib's table by M. Zucker), as 256 RGB triples. */

const COEFFICIENTS: readonly (readonly [number, number, number])[] = [
  [-0.002136485053939582, -0.000749655052795221, -0.005386127855323933],
  [0.2516605407371642, 0.6775232436837668, 2.494026599312351],
  [8.353717279216625, -3.577719514958484, 0.3144679030132573],
  [-27.66873308576866, 14.26473078096533, -13.64921318813922],
  [52.17613981234068, -27.94360607168351, 12.94416944238394],
  [-50.76852536473588, 29.04658282127291, 4.23415299384598],
  [18.65570506591883, -11.48977351997711, -5.601961508734096],
];

/** Red, green, blue 0..255 of a position 0..1. */
export function magma(position: number): [number, number, number] {
  const t = Math.min(1, Math.max(0, position));
  const channel = (index: 0 | 1 | 2): number => {
    const value = COEFFICIENTS.reduceRight((sum, row) => sum * t + row[index], 0);
    return Math.round(255 * Math.min(1, Math.max(0, value)));
  };
  return [channel(0), channel(1), channel(2)];
}

/** 256 x RGBA, little-endian words, for a Uint32 view over ImageData. */
export function magmaWords(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    const [red, green, blue] = magma(index / 255);
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}
