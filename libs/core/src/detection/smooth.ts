/** One step of all labels, as it was told. */
export interface RawStep {
  readonly timeUs: number;
  /** One probability code per label. */
  readonly codes: Uint8Array;
  /** Of the step's second; null: no energy. */
  readonly laeqDb: number | null;
  readonly calibrationId: string;
}

/** Steps that the smoothing of a label reaches to either side. */
export const reachOf = (medianSteps: number): number => (medianSteps - 1) / 2;

/**
 * Median of the label's codes over `medianSteps` steps around the step `at` of `steps`. Steps that are not there are code 0:
 * the stream begins with the first and ends with the last of `steps`, or they are further away than the reach.
 */
export const smoothedCode = (steps: readonly RawStep[], at: number, label: number, medianSteps: number): number => {
  const reach = reachOf(medianSteps);
  if (reach === 0) return steps[at]?.codes[label] ?? 0;
  const around = new Uint8Array(medianSteps);
  for (let i = 0; i < medianSteps; i += 1) around[i] = steps[at - reach + i]?.codes[label] ?? 0;
  return around.sort()[reach] ?? 0;
};
