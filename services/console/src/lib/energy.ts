/** Energy mean of levels in dB, optionally weighted; seconds without energy (null) count as none. Null when nothing counts. */
export function energyMeanDb(
  levels: readonly { readonly levelDb: number | null; readonly weight?: number }[],
): number | null {
  let energy = 0;
  let weights = 0;
  for (const { levelDb, weight = 1 } of levels) {
    weights += weight;
    if (levelDb !== null) energy += weight * 10 ** (levelDb / 10);
  }
  return weights === 0 || energy === 0 ? null : 10 * Math.log10(energy / weights);
}
