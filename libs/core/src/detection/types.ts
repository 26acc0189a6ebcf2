export type EventPhase = 'open' | 'update' | 'close';

/**
 * One state of a sound event's life. Half-open: [onset, offset). Times: microseconds since the Unix epoch.
 *
 * A window's evidence belongs to its centre and stands for one hop around it. So an event begins half a hop before the
 * centre of its first window at or above the on threshold, and ends half a hop after the centre of its last window at or
 * above the off threshold. Where the stream itself begins or ends inside the event there is no other window to say
 * otherwise: there the event begins with the first window's first sample, or ends with the last window's last sample.
 */
export interface SoundEvent {
  /** Deterministic: from sensor, boot, model, label and onset. The same through all phases. */
  readonly id: string;
  readonly tenantId: string;
  readonly sensorId: string;
  readonly bootId: string;
  readonly phase: EventPhase;
  readonly label: string;
  readonly onsetUs: number;
  /** End so far; final in phase `close`. */
  readonly offsetUs: number;
  /** Highest window probability inside the event, 0..1. */
  readonly confidence: number;
  /** Energy mean and maximum of LAeq over the event's windows, each at its centre; null: no energy. */
  readonly laeqDb: number | null;
  readonly laeqMaxDb: number | null;
  readonly calibrationId: string;
  readonly modelId: string;
  readonly modelVersion: string;
  /** 0 for `open`, then growing by one. */
  readonly revision: number;
  readonly receivedTimeUs: number;
}
