/** Verdicts of one anomalous spell as one line. Pure. */
import type { Anomaly } from '../../api/types.js';

export interface AnomalyEpisode {
  readonly onset: string;
  /** The verdict with the highest score. */
  readonly peak: Anomaly;
}

/** Newest first. A verdict without an episode stands for itself. */
export function anomalyEpisodes(anomalies: readonly Anomaly[]): AnomalyEpisode[] {
  const episodes = new Map<string, Anomaly>();
  for (const anomaly of anomalies) {
    if (anomaly.state !== 'anomalous') continue;
    const onset = anomaly.episodeOnset ?? anomaly.time;
    const peak = episodes.get(onset);
    if (peak === undefined || anomaly.score > peak.score) episodes.set(onset, anomaly);
  }
  return [...episodes].map(([onset, peak]) => ({ onset, peak })).sort((a, b) => b.onset.localeCompare(a.onset));
}
