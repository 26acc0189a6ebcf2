import { z } from 'zod';

const mebibytes = (defaultMib: number, about: string) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(4096)
    .default(defaultMib)
    .describe(about)
    .transform((mib) => mib * 1024 * 1024);

/** Settings of the embedded ClickHouse server, read from its environment. */
export const clickHouseConfig = z.object({
  EARSHOT_CLICKHOUSE_HOST: z.string().min(1).default('127.0.0.1'),
  EARSHOT_CLICKHOUSE_PORT: z.coerce.number().int().min(1).max(65_535).default(8123),
  EARSHOT_CLICKHOUSE_DATA_DIR: z.string().min(1),
  EARSHOT_CLICKHOUSE_USER: z.string().default('default'),
  EARSHOT_CLICKHOUSE_PASSWORD: z.string().default('').describe('empty: any user and password are accepted'),
  EARSHOT_CLICKHOUSE_SESSIONS: z.coerce.number().int().min(1).max(64).default(8),
  EARSHOT_CLICKHOUSE_QUEUE: z.coerce.number().int().min(0).max(10_000).default(256),
  EARSHOT_CLICKHOUSE_QUEUE_TIMEOUT_S: z.coerce.number().positive().max(3600).default(60),
  EARSHOT_CLICKHOUSE_MAX_BODY_MIB: mebibytes(64, 'one request body, decompressed'),
  EARSHOT_CLICKHOUSE_MAX_BODIES_MIB: mebibytes(256, 'all request bodies held at one time'),
  EARSHOT_CLICKHOUSE_MAX_RESULT_MIB: mebibytes(128, 'one result'),
  EARSHOT_CLICKHOUSE_MAX_MEMORY_MIB: mebibytes(2048, 'working memory of one statement'),
});

export type ClickHouseConfig = z.infer<typeof clickHouseConfig>;
