import type { ScoredWindow } from './types.js';

export interface LabelProbability {
  readonly label: string;
  readonly probability: number;
}

/**
 * The result for a whole clip: mean of each label's probability over the windows (breaks do not count), highest first,
 * ties in the model's label order. Empty without windows.
 */
export const clipResult = (windows: readonly ScoredWindow[]): readonly LabelProbability[] => {
  const scored = windows.filter((window) => !window.discontinuity);
  const labels = scored[0]?.labels ?? [];
  return labels
    .map((label, index) => ({
      label,
      probability: scored.reduce((sum, window) => sum + (window.probabilities[index] ?? 0), 0) / scored.length,
    }))
    .sort((a, b) => b.probability - a.probability);
};
