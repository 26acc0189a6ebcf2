import { DETECTOR_ID, type AnomalyVerdict } from '@earshot/core/anomaly';
import { bandsOfRate, octaveBands, thirdOctaveBand } from '@earshot/core/levels';
import type { Recording } from './analyse-recording.js';
import type { FoundCalibration } from './find-calibrator.js';

const rounded = (value: number, digits: number): number => {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale + 0;
};
/** dB with three digits; null: no energy, or a band that the sample rate does not carry. */
const dB = (level: number | null): number | null => (level === null ? null : rounded(level, 3));
const probability = (value: number): number => rounded(value, 6);
const seconds = (value: number): number => rounded(value, 6);

/** Of the anomaly detector, which learns from the recording's own beginning: where it ended up, and every verdict. */
const anomalyOf = (verdicts: readonly AnomalyVerdict[]) => ({
  detectorId: DETECTOR_ID,
  state: verdicts.at(-1)?.state ?? 'learning',
  condition: verdicts.at(-1)?.condition ?? 'acceptable',
  warmUp: rounded(verdicts.at(-1)?.warmUp ?? 0, 3),
  verdicts: verdicts.map((verdict) => ({
    t: seconds(verdict.timeUs / 1e6),
    durationS: seconds(verdict.durationMs / 1e3),
    state: verdict.state,
    condition: verdict.condition,
    score: rounded(verdict.score, 3),
    threshold: rounded(verdict.threshold, 3),
    worst: verdict.score > 0 ? seconds(verdict.worstTimeUs / 1e6) : null,
    onset: verdict.state === 'anomalous' ? seconds(verdict.episodeOnsetUs / 1e6) : null,
    explanation: verdict.explanation.map(({ frequencyHz, deviationDb }) => ({
      frequencyHz: rounded(frequencyHz, 1),
      deviationDb: rounded(deviationDb, 1),
    })),
  })),
});

const calibrationOf = ({ calibratorDb, tone, fullScaleDb, short }: FoundCalibration) =>
  tone === null || fullScaleDb === null
    ? { found: false as const, levelDb: calibratorDb }
    : {
        found: true as const,
        levelDb: calibratorDb,
        fullScaleDb: rounded(fullScaleDb, 3),
        onset: seconds(tone.onsetUs / 1e6),
        durationS: tone.durationS,
        spreadDb: rounded(tone.spreadDb, 3),
        purityDb: rounded(tone.purityDb, 1),
        short,
      };

/** How often each occurs, in the order of their first. */
const countsOf = (names: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

/** The document that `analyze --json` prints; its shape is public. */
export const documentOf = (file: string, recording: Recording) => {
  const { analysis, windows, classes, events, sampleRateHz, durationS } = recording;
  const { summary } = analysis;
  const validCount = bandsOfRate(sampleRateHz).filter(({ valid }) => valid).length;
  return {
    file,
    sampleRateHz,
    durationS: seconds(durationS),
    levels: analysis.levels.map((level) => ({
      t: seconds(level.t),
      laeqDb: dB(level.laeqDb),
      lceqDb: dB(level.lceqDb),
      lzeqDb: dB(level.lzeqDb),
      lafMaxDb: dB(level.lafMaxDb),
      lcPeakDb: dB(level.lcPeakDb),
      lafMinDb: dB(level.lafMinDb),
      lasMaxDb: dB(level.lasMaxDb),
      laiMaxDb: dB(level.laiMaxDb),
      dcDb: dB(level.dcDb),
      laf125msDb: level.laf125msDb.map(dB),
      laeq125msDb: level.laeq125msDb.map(dB),
      flags: level.flags,
      thirdOctaveDb: Object.fromEntries(
        level.thirdOctaveDb.map((band, index) => [thirdOctaveBand(index).label, dB(band)]),
      ),
      octaveDb: Object.fromEntries(
        octaveBands(level.thirdOctaveDb, validCount).map(({ label, levelDb }) => [label, dB(levelDb)]),
      ),
    })),
    ...(recording.calibration === undefined ? {} : { calibration: calibrationOf(recording.calibration) }),
    summary: {
      laeqDb: dB(summary.laeqDb),
      lceqDb: dB(summary.lceqDb),
      lzeqDb: dB(summary.lzeqDb),
      leqDb: dB(recording.unweighted.leqDb),
      leqWithoutDcDb: dB(recording.unweighted.leqWithoutDcDb),
      lafMaxDb: dB(summary.lafMaxDb),
      la10Db: dB(summary.la10Db),
      la50Db: dB(summary.la50Db),
      la90Db: dB(summary.la90Db),
      la1Db: dB(summary.la1Db),
      la5Db: dB(summary.la5Db),
      la95Db: dB(summary.la95Db),
      la99Db: dB(summary.la99Db),
      laeDb: dB(summary.laeDb),
      lafMinDb: dB(summary.lafMinDb),
      lasMaxDb: dB(summary.lasMaxDb),
      laiMaxDb: dB(summary.laiMaxDb),
      lcPeakDb: dB(summary.lcPeakDb),
      flaggedSeconds: countsOf(analysis.levels.flatMap((level) => level.flags)),
    },
    classes: classes.map((each) => ({ label: each.label, probability: probability(each.probability) })),
    windows: windows.map(({ timeUs, windowMs, labels, probabilities }) => ({
      t: seconds(timeUs / 1e6),
      durationS: seconds(Math.min(windowMs / 1e3, durationS - timeUs / 1e6)),
      probabilities: Object.fromEntries(labels.map((label, index) => [label, probability(probabilities[index] ?? 0)])),
    })),
    events: events.map(({ label, onsetUs, offsetUs, confidence }) => ({
      label,
      onset: seconds(onsetUs / 1e6),
      offset: seconds(Math.min(offsetUs / 1e6, durationS)),
      confidence: probability(confidence),
    })),
    anomaly: anomalyOf(recording.anomalies),
  };
};

export type AnalyzeDocument = ReturnType<typeof documentOf>;

const shown = (level: number | null): string => (level === null ? 'no energy' : level.toFixed(1));

const flagLines = (flagged: Readonly<Record<string, number>>): readonly string[] => {
  const parts = Object.entries(flagged).map(([flag, count]) => `${flag} ${count} s`);
  return parts.length === 0 ? [] : [`  flagged: ${parts.join(', ')}`];
};

const anomalyLine = (
  { state, warmUp, verdicts }: AnalyzeDocument['anomaly'],
  percent: (value: number) => string,
): string => {
  if (state === 'learning') return `  unusual: not known, ${percent(warmUp)} of the time to learn`;
  const onsets = [...new Set(verdicts.flatMap(({ onset }) => (onset === null ? [] : [onset])))];
  return `  unusual: ${onsets.length === 0 ? 'nothing' : `from ${onsets.map((onset) => `${onset.toFixed(1)} s`).join(', ')} on`}`;
};

/** A few lines for people. unit: of the levels. */
export const tableOf = (document: AnalyzeDocument, unit: string): string => {
  const { file, sampleRateHz, durationS, summary, classes, events, anomaly } = document;
  const percent = (value: number): string => `${(100 * value).toFixed(0)} %`;
  const lines = [
    `${file}  (${durationS.toFixed(1)} s, ${sampleRateHz} Hz)`,
    `  LAeq ${shown(summary.laeqDb)}  LAFmax ${shown(summary.lafMaxDb)}  L10 ${shown(summary.la10Db)}  ` +
      `L50 ${shown(summary.la50Db)}  L90 ${shown(summary.la90Db)}  ${unit}`,
    ...flagLines(summary.flaggedSeconds),
    `  heard: ${classes.length === 0 ? 'too short to tell' : ''}${classes
      .slice(0, 3)
      .map((each) => `${each.label} ${percent(each.probability)}`)
      .join(', ')}`,
    anomalyLine(anomaly, percent),
    ...events.map(
      ({ label, onset, offset, confidence }) =>
        `  ${onset.toFixed(1).padStart(8)} – ${offset.toFixed(1)} s  ${label} (${percent(confidence)})`,
    ),
  ];
  return `${lines.join('\n')}\n`;
};
