import { appendFileSync, writeFileSync } from 'node:fs';
import type { Played } from './sound/clip.js';

export type TellTruth = (sensorId: string, anchorTimeUs: number, sampleRateHz: number, played: Played) => void;

/** What was played, as JSON lines in event time; a new file per run. */
export const createTruthFile = (file: string | undefined): TellTruth => {
  if (file === undefined) return () => undefined;
  writeFileSync(file, '');
  return (sensorId, anchorTimeUs, sampleRateHz, { name, label, from, to }) => {
    const timeUs = (sample: number): number => Math.round(anchorTimeUs + (sample / sampleRateHz) * 1e6);
    const line = { sensorId, file: name, label, onsetUs: timeUs(from), offsetUs: timeUs(to) };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  };
};
