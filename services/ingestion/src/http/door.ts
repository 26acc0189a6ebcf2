import type { ApiKeys } from '../access/api-keys.js';
import type { SensorDirectory } from '../access/sensors.js';
import type { IngestionMetrics } from '../metrics.js';
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
}

export const HTTP_DOOR = Symbol('HttpDoor');
