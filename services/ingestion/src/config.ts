import { baseConfig, portSetting } from '@earshot/nest/config';
import { z } from 'zod';

const MIB = 1024 * 1024;

export const ingestionConfig = baseConfig
  .extend({
    HTTP_PORT: portSetting.default(8081),
    GRPC_PORT: portSetting.default(50051),
    /** Of the embedded MQTT broker; not used with MQTT_URL. */
    MQTT_PORT: portSetting.default(1883),
    /** An external MQTT broker; without it the embedded one runs. */
    MQTT_URL: z
      .url({ protocol: /^(mqtts?|wss?|tcp|ssl)$/, error: 'expected mqtt://, mqtts://, ws:// or wss://' })
      .optional(),
    MQTT_USERNAME: z.string().optional(),
    MQTT_PASSWORD: z.string().optional(),
    /** Instances with the same group share the sensors; empty: every instance reads all. */
    MQTT_SHARE_GROUP: z
      .string()
      .regex(/^[A-Za-z0-9._-]*$/)
      .default('earshot-ingestion'),
    MQTT_CONNECTIONS: z.coerce.number().int().min(1).max(64).default(4),
    /** JSON file of the tenants' API keys; without it only sensor keys are known. */
    API_KEYS_FILE: z.string().min(1).optional(),
    /** Largest body of an HTTP upload. */
    MAX_UPLOAD_BYTES: z.coerce
      .number()
      .int()
      .min(1024)
      .default(64 * MIB),
    /** Longest sound in an HTTP upload. */
    MAX_UPLOAD_SECONDS: z.coerce.number().min(1).max(14_400).default(3_600),
    /** Bytes that may wait for Kafka's acknowledgement. */
    MAX_UNACKNOWLEDGED_BYTES: z.coerce
      .number()
      .int()
      .min(4 * MIB)
      .default(64 * MIB),
    /** A stage of live sound that is further behind, s, holds and then refuses new frames of its partitions. */
    MAX_LAG_S: z.coerce.number().min(1).max(3_600).default(15),
    /** Sound that ended so long ago, s, takes the slow lane. */
    BACKFILL_AFTER_S: z.coerce
      .number()
      .min(10)
      .max(366 * 86_400)
      .default(600),
    /** Seconds of sound per second of a sensor, and what may come at once; what is faster takes the slow lane. */
    SENSOR_RATE: z.coerce.number().min(1).max(1_000_000).default(4),
    SENSOR_BURST_S: z.coerce.number().min(4).max(1_000_000).default(120),
    /** The same of all sensors of a tenant together. */
    TENANT_RATE: z.coerce.number().min(1).max(100_000_000).default(4_000),
    TENANT_BURST_S: z.coerce.number().min(4).max(100_000_000).default(40_000),
  })
  .refine((config) => config.MQTT_USERNAME === undefined || config.MQTT_URL !== undefined, {
    path: ['MQTT_USERNAME'],
    error: 'is for the external broker: MQTT_URL is not set',
  });

export type IngestionConfig = z.infer<typeof ingestionConfig>;
