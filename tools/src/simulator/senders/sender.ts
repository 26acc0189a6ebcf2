import type { SensorFrame } from '@earshot/contracts';
import { setTimeout as sleep } from 'node:timers/promises';

/** Who sends: one sensor. */
export interface SensorIdentity {
  readonly tenantId: string;
  readonly sensorId: string;
  readonly key: string;
}

export type Sent = 'acknowledged' | 'refused';

/** One sensor's way into ingestion. */
export interface Sender {
  /** Frames that may be on their way together. */
  readonly window: number;
  /** Resolves once the sensor is let in. Rejects with `NotLetIn` when its key is not taken. */
  open(): Promise<void>;
  /** Sends until there is an answer for good: through lost connections, restarts and overload. */
  send(frame: SensorFrame): Promise<Sent>;
  /** Gives up what is not answered. */
  close(): Promise<void>;
}

/** The sensor or its key is not known at the door. */
export class NotLetIn extends Error {
  override readonly name = 'NotLetIn';
}

/** Waits before try number `attempt` (from 0): doubling, with jitter, so that sensors do not come back in step. */
export const backoff = (attempt: number, signal: AbortSignal): Promise<void> =>
  sleep(Math.min(5_000, 200 * 2 ** attempt) * (0.5 + Math.random()), undefined, { signal });
