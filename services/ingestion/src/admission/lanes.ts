import type { AudioFrame, TopicId } from '@earshot/contracts';
import { TokenBucket } from './token-bucket.js';

/** Rates are seconds of sound per second: 1 is what a sensor hears. */
export interface LaneSettings {
  readonly sensorRate: number;
  /** Seconds of sound that may come at once. */
  readonly sensorBurstS: number;
  readonly tenantRate: number;
  readonly tenantBurstS: number;
  /** Sound that ended so long before it is received, s, is backfill. */
  readonly backfillAfterS: number;
}

export type Lane = Extract<TopicId, 'audio' | 'audioBackfill'>;
/** live: the live lane. The others say why a frame takes the slow one. */
export type LaneReason = 'live' | 'old' | 'fast_sensor' | 'fast_tenant' | 'following';

export interface LaneChoice {
  readonly lane: Lane;
  readonly reason: LaneReason;
}

/** Frames of one boot that went to the slow lane. */
interface SlowRun {
  readonly bootId: string;
  next: number;
  lastMs: number;
  /** When a frame last was too old or too fast for the live lane. */
  forcedMs: number;
}

interface KnownSensor {
  readonly bucket: TokenBucket;
  run: SlowRun | null;
}

/** So far from the run's next frame a frame still belongs to it. */
const NEAR = 16;
const RESTED_MS = 300_000;
/** Sensors without a run and with a full bucket are as good as new ones: they are forgotten when there are so many. */
const MOST_SENSORS = 50_000;

const secondsOf = ({ sampleCount, sampleRateHz, body }: AudioFrame): number =>
  body?.$case === 'gap' ? 0 : sampleCount / sampleRateHz;

const follows = (run: SlowRun | null, { bootId, sequence }: AudioFrame): boolean =>
  run?.bootId === bootId && Math.abs(sequence - run.next) <= NEAR;

/**
 * Which of the two lanes a frame takes. The slow one (the backfill topic) is for sound that is old, and for sensors and
 * tenants that send faster than their bucket fills; feature-extraction reads it at a bounded pace, so that the others' live
 * sound does not wait. A boot that went slow stays there, frame after frame in order, until the slow lane is read
 * or its sensor has kept to its rate for five minutes (then live sound matters more than order); frames elsewhere in the boot go live.
 */
export class Lanes {
  private readonly sensors = new Map<string, KnownSensor>();
  private readonly tenants = new Map<string, TokenBucket>();

  /** `isRead`: the slow lane of the sensor has been read up to what was there at the time, ms since the Unix epoch. */
  constructor(
    private readonly settings: LaneSettings,
    private readonly isRead: (key: string, sinceMs: number) => boolean,
  ) {}

  /** `key`: tenant/sensor. */
  choose(key: string, frame: AudioFrame, nowMs: number): LaneChoice {
    const { settings } = this;
    const seconds = secondsOf(frame);
    const sensor = this.sensorOf(key, nowMs);
    const isSlowEnough = sensor.bucket.take(seconds, nowMs);
    const hasTenantRoom = this.tenantOf(frame.tenantId, nowMs).take(seconds, nowMs);
    const endUs = frame.anchorTimeUs + ((frame.firstSampleIndex + frame.sampleCount) / frame.sampleRateHz) * 1e6;
    if (frame.receivedTimeUs - endUs > settings.backfillAfterS * 1e6) return this.slow(sensor, frame, nowMs, 'old');
    if (!isSlowEnough) return this.slow(sensor, frame, nowMs, 'fast_sensor');
    if (!hasTenantRoom) return this.slow(sensor, frame, nowMs, 'fast_tenant');
    const { run } = sensor;
    if (run !== null && (nowMs - run.forcedMs > RESTED_MS || this.isRead(key, run.lastMs))) sensor.run = null;
    if (follows(sensor.run, frame)) return this.slow(sensor, frame, nowMs, 'following');
    return { lane: 'audio', reason: 'live' };
  }

  private slow(sensor: KnownSensor, frame: AudioFrame, nowMs: number, reason: LaneReason): LaneChoice {
    const { bootId, sequence } = frame;
    const before = sensor.run?.bootId === bootId ? sensor.run : undefined;
    const forcedMs = reason === 'following' ? (before?.forcedMs ?? nowMs) : nowMs;
    sensor.run = { bootId, next: Math.max(before?.next ?? 0, sequence + 1), lastMs: nowMs, forcedMs };
    return { lane: 'audioBackfill', reason };
  }

  private sensorOf(key: string, nowMs: number): KnownSensor {
    const known = this.sensors.get(key);
    if (known !== undefined) return known;
    if (this.sensors.size >= MOST_SENSORS) this.forget(nowMs);
    const { sensorRate, sensorBurstS } = this.settings;
    const sensor = { bucket: new TokenBucket(sensorRate, sensorBurstS, nowMs), run: null };
    this.sensors.set(key, sensor);
    return sensor;
  }

  private tenantOf(tenantId: string, nowMs: number): TokenBucket {
    const known = this.tenants.get(tenantId);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(this.settings.tenantRate, this.settings.tenantBurstS, nowMs);
    this.tenants.set(tenantId, bucket);
    return bucket;
  }

  private forget(nowMs: number): void {
    for (const [key, { bucket, run }] of this.sensors) {
      if (run === null && bucket.isFull(nowMs)) this.sensors.delete(key);
    }
    // All of them busy: the oldest goes, so that the map stays bounded.
    const oldest = this.sensors.keys().next();
    if (this.sensors.size >= MOST_SENSORS && oldest.done !== true) this.sensors.delete(oldest.value);
  }
}
