import { baseConfig, clickhouseConfig, portSetting } from '@earshot/nest/config';
import { z } from 'zod';

const grpcUrl = (defaultPort: number) =>
  z
    .string()
    .regex(/^([a-z]+:\/\/)?[^\s:/]+:\d+$/, 'expected host:port')
    .default(`localhost:${defaultPort}`);

export const apiConfig = baseConfig.extend({
  ...clickhouseConfig.shape,
  HEALTH_PORT: portSetting.default(9109),
  HTTP_PORT: portSetting.default(8080),
  /** Base of ingestion's HTTP door. */
  INGESTION_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:8081'),
  FLEET_GRPC_URL: grpcUrl(50052),
  CLASSIFICATION_GRPC_URL: grpcUrl(50053),
  ALERTING_GRPC_URL: grpcUrl(50054),
  /** JSON: [{"id","tenantId","sha256","scopes":["read","write","ingest"]}]; read again when it changes. */
  API_KEYS_FILE: z.string().min(1),
  /** The console's built files; without it there is only the API. */
  CONSOLE_DIR: z.string().min(1).optional(),
  /** Requests per second that one key may make on average; twice as many at once. */
  RATE_LIMIT_PER_S: z.coerce.number().min(1).max(100_000).default(100),
  /** Live feeds that one key may hold open. */
  LIVE_CLIENTS_PER_KEY: z.coerce.number().int().min(1).max(10_000).default(50),
});

export type ApiConfig = z.infer<typeof apiConfig>;
