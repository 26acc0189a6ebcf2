import type { ApiKeys } from '../access/api-keys.js';
import type { ByteGate } from '../byte-gate.js';
import type { SensorDirectory, SensorRef } from '../access/sensors.js';
import type { IngestionMetrics } from '../metrics.js';
import type { Verdict } from '../refusal.js';
import type { TakeLevels } from './take-levels.js';
import type { TakeUpload } from './upload.js';

/** What the HTTP door needs. */
export interface HttpDoor {
  readonly directory: SensorDirectory;
  readonly apiKeys: ApiKeys;
  readonly takeUpload: TakeUpload;
  readonly takeLevels: TakeLevels;
  readonly metrics: IngestionMetrics;
  readonly maxBodyBytes: number;
  /** Bodies of uploads that are in memory. */
  readonly bodies: ByteGate;
  /** Why nothing of the sensor can be taken for now; null: it can. */
  readonly busy: (sensor: SensorRef) => Verdict;
}

export const HTTP_DOOR = Symbol('HttpDoor');
