import { baseConfig, clickhouseConfig, portSetting } from '@earshot/nest/config';
import { z } from 'zod';

const grpcUrl = (defaultPort: number) =>
  z
    .string()
    .regex(/^([a-z]+:\/\/)?[^\s:/]+:\d+$/, 'expected host:port')
    .default(`localhost:${defaultPort}`);

export const apiConfig = baseConfig
  .extend({
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
    /**
     * Whether sound of events can be heard: not at all; while the audio topic has it; or that, and what was reviewed is kept for training.
     */
    CLIPS: z.enum(['off', 'listen', 'keep']).default('listen'),
    /** Where kept clips are; one instance writes it. */
    CLIPS_DIR: z.string().min(1).optional(),
    /** Of all kept clips together; beyond it reviews go on without clips. */
    CLIPS_MAX_MIB: z.coerce.number().int().min(1).max(10_000_000).default(2_048),
    CLIPS_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).default(365),
  })
  .superRefine(({ CLIPS, CLIPS_DIR }, context) => {
    if (CLIPS === 'keep' && CLIPS_DIR === undefined)
      context.addIssue({ code: 'custom', path: ['CLIPS_DIR'], message: 'CLIPS=keep needs the folder for clips' });
  });

export type ApiConfig = z.infer<typeof apiConfig>;
