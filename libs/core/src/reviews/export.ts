import { formatAudacity } from './audacity.js';
import { formatCsv } from './csv.js';
import { labelsOf } from './labels.js';
import { formatRaven } from './raven.js';
import type { ExportedClip, ReviewedSound } from './types.js';

export const exportFormats = ['audacity', 'raven', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const isoOf = (timeUs: number): string => new Date(Math.floor(timeUs / 1000)).toISOString();

/** Sorts by sensor and time, holds no sign that a file system minds. `hash`: 8 hex digits that stand for the event. */
export const clipFileName = (sensorId: string, fromUs: number, hash: string): string =>
  `${sensorId}_${isoOf(fromUs).replaceAll(/[-:]/g, '')}_${hash}.wav`;

/** Where a clip lies in the export folder. */
export const clipPath = (format: ExportFormat, { file }: ExportedClip): string =>
  format === 'csv' ? `clips/${file}` : file;

export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/**
 * What lies beside a clip: its label track or selection table with all reviewed sounds that reach into it, not only the one it was cut
 * for: else what was reviewed beside it would count as nothing.
 */
export const clipLabels = (
  format: ExportFormat,
  clip: ExportedClip,
  sounds: readonly ReviewedSound[],
): readonly TextFile[] => {
  const base = clip.file.replace(/\.wav$/, '');
  switch (format) {
    case 'audacity':
      return [{ path: `${base}.txt`, text: formatAudacity(labelsOf(clip, sounds)) }];
    case 'raven':
      return [{ path: `${base}.selections.txt`, text: formatRaven(clip, labelsOf(clip, sounds)) }];
    case 'csv':
      return [];
  }
};

export const csvColumns = [
  'event_id',
  'sensor_id',
  'verdict',
  'label',
  'claimed_label',
  'onset',
  'offset',
  'confidence',
  'model_id',
  'model_version',
  'reviewer',
  'note',
  'reviewed_time',
  'clip',
  'clip_time',
  'clip_sample_rate_hz',
  'clip_samples',
  'start_s',
  'end_s',
] as const;

type CsvRow = Readonly<Record<(typeof csvColumns)[number], string | number | null>>;

const csvRow = (sound: ReviewedSound, clip: ExportedClip | undefined): CsvRow => {
  const inClip = clip === undefined ? undefined : labelsOf(clip, [sound])[0];
  return {
    event_id: sound.eventId,
    sensor_id: sound.sensorId,
    verdict: sound.verdict,
    label: sound.label,
    claimed_label: sound.claimed,
    onset: isoOf(sound.onsetUs),
    offset: isoOf(sound.offsetUs),
    confidence: sound.confidence,
    model_id: sound.modelId,
    model_version: sound.modelVersion,
    reviewer: sound.reviewer,
    note: sound.note,
    reviewed_time: isoOf(sound.reviewedUs),
    clip: clip === undefined ? null : clipPath('csv', clip),
    clip_time: clip === undefined ? null : isoOf(clip.fromUs),
    clip_sample_rate_hz: clip?.sampleRateHz ?? null,
    clip_samples: clip?.sampleCount ?? null,
    start_s: inClip?.startS ?? null,
    end_s: inClip?.endS ?? null,
  };
};

/** One row per review, with or without a clip; `start_s` and `end_s` are the sound inside its clip. */
export const reviewsCsv = (
  reviews: readonly { readonly sound: ReviewedSound; readonly clip: ExportedClip | undefined }[],
): TextFile => ({
  path: 'reviews.csv',
  text: formatCsv(
    csvColumns,
    reviews.map(({ sound, clip }) => csvRow(sound, clip)),
  ),
});
