/** Words for verdicts of the anomaly detector. Pure. */
import type { Anomaly, Condition } from '../../api/types.js';
import { formatHz, formatPercent } from '../../lib/format.js';
import type { Tone } from '../../ui/badge.js';

export const CONDITION_TEXT: Readonly<Record<Condition, string>> = {
  acceptable: 'Normal',
  monitor: 'Monitor',
  alarm: 'Anomalous',
  danger: 'Danger',
};

export const CONDITION_TONE: Readonly<Record<Condition, Tone>> = {
  acceptable: 'ok',
  monitor: 'info',
  alarm: 'warning',
  danger: 'critical',
};

const FAULTS: Readonly<Partial<Record<string, string>>> = {
  imbalance: 'Imbalance (1x)',
  misalignment: 'Misalignment (2x)',
  looseness: 'Looseness (3x)',
  bpfo: 'Outer race (BPFO)',
  bpfi: 'Inner race (BPFI)',
  bsf: 'Rolling element (BSF)',
  ftf: 'Cage (FTF)',
  line: 'New line',
};

/** A fault that a newer api may send is shown as it came. */
export const faultText = ({ fault, frequencyHz }: Anomaly['findings'][number]): string =>
  `${FAULTS[fault] ?? fault} at ${formatHz(frequencyHz)}`;

/** The machine's faults if there are any, else the bands that stand out. */
export function explainAnomaly({ explanation, findings, warmUp }: Anomaly): string {
  const faults = findings.map(faultText);
  const bands = explanation.slice(0, 3).map(({ frequencyHz, deviationDb }) => {
    const amount = `${Math.abs(deviationDb).toFixed(0)} dB`;
    return `${formatHz(frequencyHz)} ${amount} ${deviationDb < 0 ? 'quieter' : 'louder'}`;
  });
  if (faults.length + bands.length > 0) return [...faults, ...bands].join(', ');
  return warmUp < 1 ? `Baseline ${formatPercent(warmUp)} learned` : 'No single band stands out';
}
