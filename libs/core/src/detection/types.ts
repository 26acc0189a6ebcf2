export type EventPhase = 'open' | 'update' | 'close';

/**
 * One state of a sound event's life. Half-open: [onset, offset). Times: microseconds since the Unix epoch. An event begins
 * with its first step at or above the on threshold and ends with its last step at or above the off threshold.
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
  /** Highest (smoothed) step probability inside the event, 0..1. */
  readonly confidence: number;
  /** Energy mean and maximum of LAeq over the event's steps, each with the level of its second; null: no energy. */
  readonly laeqDb: number | null;
  readonly laeqMaxDb: number | null;
  readonly calibrationId: string;
  readonly modelId: string;
  readonly modelVersion: string;
  /** 0 for `open`, then growing by one. */
  readonly revision: number;
  readonly receivedTimeUs: number;
}
