import { z } from 'zod';

/** Raised at start with every mistake at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads settings from the environment. Secrets must be named `*_KEY`, `*_PASSWORD`, `*_SECRET` or `*_TOKEN`: their values are never shown. */
export const loadConfig = <T extends z.ZodType>(
  schema: T,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<T> => {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? '');
    const seen = env[name];
    const secret = /(_KEY|_PASSWORD|_SECRET|_TOKEN)$/.test(name);
    const value = seen === undefined ? 'is not set' : secret ? 'is set (value hidden)' : `is ${JSON.stringify(seen)}`;
    return `  ${name} ${value}: ${issue.message}`;
  });
  throw new ConfigError(`Settings are not usable:\n${lines.join('\n')}`);
};

const port = z.coerce.number().int().min(0).max(65_535);

/** Settings that every service has; extend with `.extend({...})`. */
export const baseConfig = z.object({
  /** Comma-separated host:port list. */
  KAFKA_BROKERS: z
    .string()
    .default('localhost:9092')
    .transform((text) => text.split(',').map((broker) => broker.trim()))
    .pipe(z.array(z.string().regex(/^[^:\s]+:\d+$/, 'expected host:port[,host:port…]')).min(1)),
  /** First part of every topic name and consumer group. */
  TOPIC_NAMESPACE: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .default('earshot'),
  /** Port of /health/live, /health/ready, /health/status and /metrics. */
  HEALTH_PORT: port,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

export type BaseConfig = z.infer<typeof baseConfig>;

/** Settings of a service that talks to ClickHouse. */
export const clickhouseConfig = z.object({
  CLICKHOUSE_URL: z.url().default('http://localhost:8123'),
  CLICKHOUSE_DATABASE: z
    .string()
    .regex(/^[a-z_][a-z0-9_]*$/)
    .default('earshot'),
  CLICKHOUSE_USER: z.string().default('default'),
  CLICKHOUSE_PASSWORD: z.string().default(''),
});

/** A TCP port; 0 lets the system choose. */
export const portSetting = port;
