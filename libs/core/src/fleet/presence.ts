import { addHole, fillHole, missingWithin, type Hole } from './holes.js';

/** One second (or less) of sound that reached the levels. */
export interface HeardSecond {
  /** Event time of its first sample, microseconds since the Unix epoch. */
  readonly timeUs: number;
  readonly durationMs: number;
  readonly sampleRateHz: number;
  readonly calibrated: boolean;
}

/** What is known of a sensor's presence. A plain value. */
export interface Presence {
  /** Event time of the end of the last second heard. */
  readonly lastSeenUs: number;
  /** Receiver's clock when a second was last heard, whatever its event time. */
  readonly lastReceivedUs: number;
  readonly sampleRateHz: number;
  readonly calibrated: boolean;
  readonly holes: readonly Hole[];
  /** `lastSeenUs` that a Silent record was already written for; 0: none since the sensor was last heard. */
  readonly silentToldUs: number;
}

/** The stretch that gaps are counted over. */
export const GAP_WINDOW_US = 24 * 3600 * 1e6;
/** Seconds follow each other when they are no further apart than this. */
const TOLERANCE_US = 0.5e6;
/** Event times further ahead of the receiver's clock than this are a wrong clock: the sensor is heard, its time not used. */
const FUTURE_US = 600e6;

/**
 * Takes in one second at `nowUs` (receiver's clock). Hearing a second again changes nothing but `lastReceivedUs`, so the
 * input may be read again after a crash. A late second takes its place in the hole it left.
 */
export const hear = (before: Presence | undefined, second: HeardSecond, nowUs: number): Presence => {
  const startUs = second.timeUs;
  const endUs = startUs + second.durationMs * 1000;
  const usable = startUs <= nowUs + FUTURE_US;
  if (before === undefined) {
    return {
      lastSeenUs: usable ? endUs : 0,
      lastReceivedUs: nowUs,
      sampleRateHz: second.sampleRateHz,
      calibrated: second.calibrated,
      holes: [],
      silentToldUs: 0,
    };
  }
  const newest = usable && endUs > before.lastSeenUs;
  const firstHeard = before.lastSeenUs === 0;
  return {
    lastSeenUs: newest ? endUs : before.lastSeenUs,
    lastReceivedUs: Math.max(before.lastReceivedUs, nowUs),
    sampleRateHz: newest ? second.sampleRateHz : before.sampleRateHz,
    calibrated: newest ? second.calibrated : before.calibrated,
    holes:
      newest && !firstHeard && startUs - before.lastSeenUs > TOLERANCE_US
        ? addHole(before.holes, before.lastSeenUs, startUs, nowUs - GAP_WINDOW_US)
        : usable
          ? fillHole(before.holes, startUs, endUs, TOLERANCE_US)
          : before.holes,
    silentToldUs: newest ? 0 : before.silentToldUs,
  };
};

/** Whether something was heard within `silentAfterUs` by the receiver's clock. */
export const isOnline = (presence: Presence, nowUs: number, silentAfterUs: number): boolean =>
  nowUs - presence.lastReceivedUs < silentAfterUs;

/**
 * Whether the sensor's silence has to be told now: it was heard, then not for `silentAfterUs`, and it was not told yet.
 * `listeningSinceUs` is since when the receiver has been reading without a backlog: what it could not hear is not silence.
 */
export const owesSilent = (
  presence: Presence,
  nowUs: number,
  silentAfterUs: number,
  listeningSinceUs: number,
): boolean =>
  presence.lastSeenUs > 0 &&
  presence.silentToldUs !== presence.lastSeenUs &&
  nowUs - Math.max(presence.lastReceivedUs, listeningSinceUs) >= silentAfterUs;

export const silentTold = (presence: Presence): Presence => ({ ...presence, silentToldUs: presence.lastSeenUs });

/** Seconds missing, and in how many holes, between the first and the last second heard in the last 24 h. */
export const gapsOf = (presence: Presence, nowUs: number): { readonly gapSeconds: number; readonly gapCount: number } =>
  missingWithin(presence.holes, nowUs - GAP_WINDOW_US, presence.lastSeenUs);
