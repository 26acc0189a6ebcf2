import { baseConfig, clickhouseConfig } from '@earshot/nest/config';
import { z } from 'zod';

const days = (defaultDays: number) => z.coerce.number().int().min(1).max(36_500).default(defaultDays);

export const sinkConfig = baseConfig.extend({
  ...clickhouseConfig.shape,
  HEALTH_PORT: baseConfig.shape.HEALTH_PORT.default(9108),
  /** How long rows gather before they are written together, ms: fewer, larger parts. */
  SINK_LINGER_MS: z.coerce.number().int().min(0).max(10_000).default(800),
  /** Rows stored this long ago are looked through for stale windows at the start. */
  STALE_SCAN_HOURS: z.coerce.number().int().min(1).max(720).default(48),
  /** Days that rows are kept after they were stored. */
  LEVELS_RETENTION_DAYS: days(90),
  CLASSIFICATIONS_RETENTION_DAYS: days(90),
  EVENTS_RETENTION_DAYS: days(730),
  ANOMALIES_RETENTION_DAYS: days(365),
  ALERTS_RETENTION_DAYS: days(730),
  REVIEWS_RETENTION_DAYS: days(3650),
  WINDOWS_RETENTION_DAYS: days(1825),
});

export type SinkConfig = z.infer<typeof sinkConfig>;
