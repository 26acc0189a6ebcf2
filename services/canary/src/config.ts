import { baseConfig } from '@earshot/nest/config';
import { z } from 'zod';

export const canaryConfig = baseConfig.extend({
  /** Of the api: everything goes through the public doors. */
  API_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:8080'),
  /** File with an API key that may read, write and ingest. */
  API_KEY_FILE: z.string().min(1),
  SENSOR_ID: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/)
    .default('canary'),
  /** Level of the tone, dB re full-scale RMS. */
  LEVEL_DB: z.coerce.number().min(-60).max(-6).default(-20),
  /** What a stored level may be off, dB. */
  TOLERANCE_DB: z.coerce.number().min(0.001).max(6).default(0.1),
  /** A second that is not stored by then is counted as missing. */
  TIMEOUT_S: z.coerce.number().min(1).max(3_600).default(30),
});

export type CanaryConfig = z.infer<typeof canaryConfig>;
