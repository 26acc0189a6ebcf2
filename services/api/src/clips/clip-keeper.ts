import { createHash } from 'node:crypto';

import type { KeptClip } from '@earshot/contracts';
import type { ClipSpan } from '@earshot/core/clips';
import type { ServicePart } from '@earshot/nest/service';
import { encodeWav } from '@earshot/platform/audio';
import { ObjectStoreFullError, openFileStore, type FileStore } from '@earshot/platform/object-store';
import { Counter, Gauge, type Logger, type Registry } from '@earshot/platform/telemetry';

import type { ApiConfig } from '../config.js';
import { ApiError } from '../http/errors.js';
import type { OfSensor } from '../store/levels.js';
import type { HeardSound } from './heard-sound.js';

export interface ReviewedPlace extends OfSensor {
  readonly eventId: string;
}

/** A clip that was kept, or why there is none. */
export type Keeping = { readonly clip: KeptClip } | { readonly missing: string };

const SWEEP_MS = 3_600_000;

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** Objects never change: another span has another name. */
const keyOf = ({ tenantId, sensorId, eventId }: ReviewedPlace, fromUs: number, sampleCount: number): string =>
  `${tenantId}/${sensorId}/${sha256(eventId).slice(0, 32)}-${fromUs}-${sampleCount}.wav`;

const covers = (clip: KeptClip, { fromUs, toUs }: ClipSpan): boolean =>
  clip.fromUs <= fromUs && clip.fromUs + (clip.sampleCount / clip.sampleRateHz) * 1e6 >= toUs - 1_000;

/**
 * Keeps the clips of reviewed events, so that training data does not vanish with the audio topic. `CLIPS` decides: `keep` puts them under
 * CLIPS_DIR, with `listen` they are cut while the sound is there and never kept, with `off` there are none.
 */
export class ClipKeeper implements ServicePart {
  readonly name = 'clips';
  private store: FileStore | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly kept: Counter;
  private readonly notKept: Counter<'why'>;

  constructor(
    private readonly settings: ApiConfig,
    private readonly sound: HeardSound,
    private readonly logger: Logger,
    registry: Registry,
  ) {
    this.kept = new Counter({ name: 'earshot_api_clips_kept_total', help: 'Clips kept', registers: [registry] });
    this.notKept = new Counter({
      name: 'earshot_api_clips_not_kept_total',
      help: 'Reviews whose clip could not be kept',
      labelNames: ['why'],
      registers: [registry],
    });
    const usage = (): number => this.store?.usage().bytes ?? 0;
    new Gauge({
      name: 'earshot_api_clips_bytes',
      help: 'Bytes of all clips kept',
      registers: [registry],
      collect() {
        this.set(usage());
      },
    });
  }

  async start(): Promise<void> {
    const { CLIPS, CLIPS_DIR, CLIPS_MAX_MIB, CLIPS_RETENTION_DAYS } = this.settings;
    if (CLIPS !== 'keep' || CLIPS_DIR === undefined) return;
    this.store = await openFileStore({
      folder: CLIPS_DIR,
      maxBytes: CLIPS_MAX_MIB * 1024 * 1024,
      retentionMs: CLIPS_RETENTION_DAYS * 86_400_000,
    });
    await this.sweep();
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS);
    this.timer.unref();
  }

  stop(): Promise<void> {
    clearInterval(this.timer);
    return Promise.resolve();
  }

  /** @throws ApiError forbidden when sound may not be heard in this installation. */
  assertAllowed(): void {
    if (this.settings.CLIPS === 'off')
      throw new ApiError('forbidden', 'sound can not be heard here: clips are turned off (CLIPS=off)');
  }

  async keep(place: ReviewedPlace, span: ClipSpan, before: KeptClip | undefined): Promise<Keeping> {
    const { store } = this;
    if (store === undefined) return { missing: `clips are not kept here (CLIPS=${this.settings.CLIPS})` };
    const there = before !== undefined && (await store.has(before.key)) ? before : undefined;
    if (there !== undefined && covers(there, span)) return { clip: there };
    try {
      const clip = await this.cut(store, place, span);
      this.kept.inc();
      return { clip };
    } catch (error) {
      const why = whyNot(error);
      this.notKept.inc({ why: why.code });
      // A shorter one is better than none.
      return there === undefined ? { missing: why.message } : { clip: there };
    }
  }

  /** The file of a clip; undefined: it is not there (any more). */
  async read(key: string): Promise<Uint8Array | undefined> {
    return key === '' ? undefined : this.store?.get(key);
  }

  async forget(key: string): Promise<void> {
    await this.store?.delete(key);
  }

  private async cut(store: FileStore, place: ReviewedPlace, span: ClipSpan): Promise<KeptClip> {
    const heard = await this.sound.hear(place, span);
    const file = encodeWav(heard.samples, heard.sampleRateHz, heard.bits);
    const sampleCount = heard.samples.length;
    const key = keyOf(place, span.fromUs, sampleCount);
    await store.put(key, file);
    const { sampleRateHz, coveredSamples } = heard;
    return { key, fromUs: span.fromUs, sampleRateHz, sampleCount, coveredSamples, sha256: sha256(file) };
  }

  private async sweep(): Promise<void> {
    try {
      const gone = (await this.store?.sweep(Date.now())) ?? 0;
      if (gone > 0) this.logger.info({ clips: gone }, 'Clips older than CLIPS_RETENTION_DAYS were removed');
    } catch (error) {
      this.logger.warn({ err: error }, 'Old clips could not be removed, trying again in an hour');
    }
  }
}

/** A review is worth more than its clip: what stands in the way is told, not thrown; bugs are. */
const whyNot = (error: unknown): { readonly code: string; readonly message: string } => {
  if (error instanceof ApiError) return { code: error.code, message: error.message };
  if (error instanceof ObjectStoreFullError)
    return { code: 'full', message: 'the folder of clips is full (CLIPS_MAX_MIB): no more are kept' };
  throw error;
};
