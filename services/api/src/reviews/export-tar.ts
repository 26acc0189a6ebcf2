import {
  clipFileName,
  clipLabels,
  clipPath,
  reviewsCsv,
  type ExportedClip,
  type ExportFormat,
  type ReviewedSound,
} from '@earshot/core/reviews';
import { tarEnd, tarFile } from '@earshot/platform/archive';

import { sha256 } from '../clips/clip-keeper.js';
import type { TimeRange } from '../query/range.js';
import { isoOf } from '../query/time.js';
import { reviewedSoundOf, type ReviewRow } from '../store/reviews.js';

export interface ExportRequest {
  readonly format: ExportFormat;
  readonly range: TimeRange;
  /** What is exported. */
  readonly selected: readonly ReviewRow[];
  /** Every review of the range, whose sounds may reach into the clips. */
  readonly all: readonly ReviewRow[];
  readonly nowUs: number;
}

/** The file of a clip; undefined: it is not there any more. */
export type ReadClip = (key: string) => Promise<Uint8Array | undefined>;

/** The last file of an archive: what is in it. */
export interface ExportManifest {
  readonly schema: 'earshot.review-export/1';
  readonly format: ExportFormat;
  readonly from: string;
  readonly to: string;
  readonly exportedAt: string;
  readonly reviews: number;
  readonly clips: number;
  /** How many reviews of each label; `none`: wrong ones. */
  readonly labels: Readonly<Record<string, number>>;
  /** Event ids of reviews without a clip: in the CSV only. */
  readonly withoutClip: readonly string[];
}

const clipOf = (row: ReviewRow): ExportedClip | undefined => {
  if (row.clip_us === null) return undefined;
  const fromUs = Number(row.clip_us);
  return {
    file: clipFileName(row.sensor_id, fromUs, sha256(row.event_id).slice(0, 8)),
    sensorId: row.sensor_id,
    fromUs,
    sampleRateHz: row.clip_sample_rate_hz,
    sampleCount: row.clip_samples,
  };
};

const countLabels = (sounds: readonly ReviewedSound[]): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>();
  for (const { label } of [...sounds].sort((a, b) => (a.label < b.label ? -1 : 1)))
    counts.set(label, (counts.get(label) ?? 0) + 1);
  return Object.fromEntries(counts);
};

/** The archive, clip by clip; `export.json` comes last, so an archive without it was cut. */
export async function* exportTar(request: ExportRequest, readClip: ReadClip): AsyncGenerator<Uint8Array> {
  const { format, range, nowUs } = request;
  const timeS = Math.floor(nowUs / 1e6);
  const text = (path: string, content: string): Uint8Array =>
    tarFile({ path, bytes: new TextEncoder().encode(content) }, timeS);
  const sounds = request.all.map(reviewedSoundOf);
  const reviews: { sound: ReviewedSound; clip: ExportedClip | undefined }[] = [];
  for (const row of request.selected) {
    const clip = clipOf(row);
    const bytes = clip === undefined ? undefined : await readClip(row.clip_key);
    const isThere = clip !== undefined && bytes !== undefined;
    reviews.push({ sound: reviewedSoundOf(row), clip: isThere ? clip : undefined });
    if (!isThere) continue;
    yield tarFile({ path: clipPath(format, clip), bytes }, timeS);
    for (const file of clipLabels(format, clip, sounds)) yield text(file.path, file.text);
  }
  if (format === 'csv') {
    const { path, text: content } = reviewsCsv(reviews);
    yield text(path, content);
  }
  const without = reviews.filter(({ clip }) => clip === undefined);
  const manifest: ExportManifest = {
    schema: 'earshot.review-export/1',
    format,
    from: isoOf(range.fromUs),
    to: isoOf(range.toUs),
    exportedAt: isoOf(nowUs),
    reviews: reviews.length,
    clips: reviews.length - without.length,
    labels: countLabels(reviews.map(({ sound }) => sound)),
    withoutClip: without.map(({ sound }) => sound.eventId),
  };
  yield text('export.json', `${JSON.stringify(manifest, null, 2)}\n`);
  yield tarEnd();
}
