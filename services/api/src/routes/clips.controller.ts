import { Readable } from 'node:stream';

import { Controller, Inject, Res } from '@nestjs/common';
import { clipSpanOf, type ClipSpan } from '@earshot/core/clips';
import { encodeWav } from '@earshot/platform/audio';
import type { ClickHouse } from '@earshot/platform/clickhouse';
import type { FastifyReply } from 'fastify';

import type { ClipKeeper } from '../clips/clip-keeper.js';
import type { HeardSound } from '../clips/heard-sound.js';
import { endpoints } from '../endpoints.js';
import type { InputOf } from '../http/endpoint.js';
import { ApiError } from '../http/errors.js';
import { Input, Serves } from '../http/serves.js';
import { listRangeOf } from '../query/range.js';
import { isoOf, microsOf } from '../query/time.js';
import { exportTar } from '../reviews/export-tar.js';
import { findEvent, findReviewRow, readReviewRows, type ReviewRow } from '../store/reviews.js';
import { CLICKHOUSE, CLIP_KEEPER, HEARD_SOUND } from '../tokens.js';

/** Of kept clips, and of those that say nothing else. */
export const CLIP_CONTEXT = { contextS: 2, maxS: 60 } as const;
const EXPORT_HOURS = 30 * 24;
const MOST_EXPORTED = 5_000;

interface ClipFile {
  readonly bytes: Uint8Array;
  readonly fromUs: number;
  readonly durationS: number;
  readonly coveredS: number;
  readonly source: 'kept' | 'audio';
}

const eventSpan = (event: { readonly onset: string; readonly offset: string }): ClipSpan => ({
  fromUs: microsOf(event.onset) ?? 0,
  toUs: microsOf(event.offset) ?? 0,
});

/** The sound of events, and reviews with their sound. */
@Controller('v1')
export class ClipsController {
  constructor(
    @Inject(CLICKHOUSE) private readonly clickhouse: ClickHouse,
    @Inject(CLIP_KEEPER) private readonly clips: ClipKeeper,
    @Inject(HEARD_SOUND) private readonly sound: HeardSound,
  ) {}

  @Serves(endpoints.getClip)
  async clip(
    @Input() { tenantId, parameters, query }: InputOf<typeof endpoints.getClip>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.clips.assertAllowed();
    const [event, review] = await Promise.all([
      findEvent(this.clickhouse, tenantId, parameters.id),
      findReviewRow(this.clickhouse, tenantId, parameters.id),
    ]);
    const sensorId = event?.sensorId ?? review?.sensor_id;
    if (sensorId === undefined) throw new ApiError('not_found', `there is no event ${parameters.id}`);
    const told: ClipSpan =
      event === undefined ? { fromUs: Number(review?.onset_us), toUs: Number(review?.offset_us) } : eventSpan(event);
    const contextS = query.contextS ?? CLIP_CONTEXT.contextS;
    const file =
      (query.contextS === undefined ? await this.keptFile(review) : undefined) ??
      (await this.heardFile({ tenantId, sensorId }, clipSpanOf(told, { ...CLIP_CONTEXT, contextS }), review));
    void reply
      .headers({
        'content-type': 'audio/wav',
        'x-earshot-clip-from': isoOf(file.fromUs),
        'x-earshot-clip-duration-s': String(file.durationS),
        'x-earshot-clip-covered-s': String(file.coveredS),
        'x-earshot-clip-source': file.source,
        'x-earshot-onset-s': String((told.fromUs - file.fromUs) / 1e6),
        'x-earshot-offset-s': String((told.toUs - file.fromUs) / 1e6),
      })
      .send(Buffer.from(file.bytes));
  }

  @Serves(endpoints.exportReviews)
  async export(
    @Input() { tenantId, query }: InputOf<typeof endpoints.exportReviews>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const now = Date.now() * 1000;
    const range = listRangeOf(query, now, EXPORT_HOURS);
    const { sensorId, label, format } = query;
    const rowsOf = (filters: { sensorId?: string | undefined; label?: string | undefined }, most: number) =>
      readReviewRows(this.clickhouse, tenantId, range, filters, most);
    const selected = await rowsOf({ sensorId, label }, MOST_EXPORTED);
    if (selected.length > MOST_EXPORTED)
      throw new ApiError('bad_request', `more than ${MOST_EXPORTED} reviews match: narrow from and to`);
    const all = label === undefined ? selected : await rowsOf({ sensorId }, 4 * MOST_EXPORTED);
    const archive = exportTar({ format, range, selected, all, nowUs: now }, (key) => this.clips.read(key));
    void reply
      .headers({
        'content-type': 'application/x-tar',
        'content-disposition': `attachment; filename="earshot-reviews-${format}.tar"`,
      })
      .send(Readable.from(archive));
  }

  private async keptFile(review: ReviewRow | undefined): Promise<ClipFile | undefined> {
    if (review?.clip_us === undefined || review.clip_us === null) return undefined;
    const bytes = await this.clips.read(review.clip_key);
    if (bytes === undefined) return undefined;
    return {
      bytes,
      fromUs: Number(review.clip_us),
      durationS: review.clip_samples / review.clip_sample_rate_hz,
      coveredS: review.clip_covered_samples / review.clip_sample_rate_hz,
      source: 'kept',
    };
  }

  /** With a context of its own that can't be had any more, what was kept is better than nothing. */
  private async heardFile(
    sensor: { readonly tenantId: string; readonly sensorId: string },
    span: ClipSpan,
    review: ReviewRow | undefined,
  ): Promise<ClipFile> {
    try {
      const heard = await this.sound.hear(sensor, span);
      const { samples, sampleRateHz, coveredSamples, bits } = heard;
      return {
        bytes: encodeWav(samples, sampleRateHz, bits),
        fromUs: span.fromUs,
        durationS: samples.length / sampleRateHz,
        coveredS: coveredSamples / sampleRateHz,
        source: 'audio',
      };
    } catch (error) {
      const kept = error instanceof ApiError && error.code === 'gone' ? await this.keptFile(review) : undefined;
      if (kept === undefined) throw error;
      return kept;
    }
  }
}
