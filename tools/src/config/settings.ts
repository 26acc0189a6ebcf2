import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { UserError } from '../process/wait.js';

/** Root of the repository: this file is tools/src/config/ or tools/dist/config/. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

/** Every port of the stack, with the setting that moves it. */
export const portTable = [
  { key: 'api', setting: 'EARSHOT_API_PORT', port: 8080, what: 'the HTTP API and the console' },
  { key: 'clickhouse', setting: 'EARSHOT_CLICKHOUSE_PORT', port: 8123, what: 'ClickHouse' },
  { key: 'kafka', setting: 'EARSHOT_KAFKA_PORT', port: 9092, what: 'Kafka' },
  { key: 'kafkaController', setting: 'EARSHOT_KAFKA_CONTROLLER_PORT', port: 9093, what: "Kafka's controller" },
  { key: 'mqtt', setting: 'EARSHOT_MQTT_PORT', port: 1883, what: 'the MQTT broker' },
  { key: 'grpc', setting: 'EARSHOT_GRPC_PORT', port: 50_051, what: "ingestion's streaming gRPC" },
  { key: 'ingestionHttp', setting: 'EARSHOT_INGESTION_HTTP_PORT', port: 8081, what: "ingestion's HTTP" },
  { key: 'fleetGrpc', setting: 'EARSHOT_FLEET_GRPC_PORT', port: 50_052, what: "fleet's gRPC" },
  {
    key: 'classificationGrpc',
    setting: 'EARSHOT_CLASSIFICATION_GRPC_PORT',
    port: 50_053,
    what: "classification's gRPC",
  },
  { key: 'alertingGrpc', setting: 'EARSHOT_ALERTING_GRPC_PORT', port: 50_054, what: "alerting's gRPC" },
  {
    key: 'healthBase',
    setting: 'EARSHOT_HEALTH_PORT_BASE',
    port: 9100,
    what: 'health of the services, from this port up',
  },
] as const;

export type PortKey = (typeof portTable)[number]['key'];
export type Ports = Readonly<Record<PortKey, number>>;

export interface Settings {
  root: string;
  /** Data, logs and records of one stack. */
  stateDir: string;
  ports: Ports;
  /** Given from outside: then no broker of our own. Several are separated by commas. */
  givenKafkaBrokers?: string;
  /** Given from outside: then no engine of our own. */
  givenClickHouseUrl?: string;
  /** Kafka's heap in MiB. */
  kafkaHeapMib: number;
  /** Whether the end-to-end canary runs. */
  canary: boolean;
  /** The caller's environment, for what is passed through to the services. */
  env: NodeJS.ProcessEnv;
}

const port = z.coerce.number().int().min(1, 'a port is 1 to 65535').max(65_535, 'a port is 1 to 65535');
const schema = z.object({
  EARSHOT_STATE_DIR: z.string().min(1).default('.earshot'),
  KAFKA_BROKERS: z
    .string()
    .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'host:port, several separated by commas')
    .optional(),
  CLICKHOUSE_URL: z.url({ protocol: /^https?$/ }).optional(),
  EARSHOT_KAFKA_HEAP_MIB: z.coerce.number().int().min(256).max(65_536).default(512),
  EARSHOT_CANARY: z.enum(['true', 'false']).default('false'),
  ...Object.fromEntries(portTable.map((row) => [row.setting, port.default(row.port)])),
});

/**
 * Reads the settings of the stack. An empty variable counts as not set.
 *
 * @throws UserError that names every wrong setting, its value and what is allowed.
 */
export const readSettings = (env: NodeJS.ProcessEnv, root: string = repositoryRoot): Settings => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = issue.path.join('.');
      return `  ${name}=${env[name] ?? ''}: ${issue.message}`;
    });
    throw new UserError(`These settings cannot be used:\n${lines.join('\n')}`);
  }
  const values: Readonly<Record<string, unknown>> = parsed.data;
  const ports = Object.fromEntries(portTable.map((row) => [row.key, Number(values[row.setting])])) as Record<
    PortKey,
    number
  >;
  assertDifferent(ports);
  const { KAFKA_BROKERS, CLICKHOUSE_URL } = parsed.data;
  return {
    root,
    stateDir: path.resolve(root, parsed.data.EARSHOT_STATE_DIR),
    ports,
    ...(KAFKA_BROKERS === undefined ? {} : { givenKafkaBrokers: KAFKA_BROKERS }),
    ...(CLICKHOUSE_URL === undefined ? {} : { givenClickHouseUrl: CLICKHOUSE_URL }),
    kafkaHeapMib: parsed.data.EARSHOT_KAFKA_HEAP_MIB,
    canary: parsed.data.EARSHOT_CANARY === 'true',
    env,
  };
};

const assertDifferent = (ports: Ports): void => {
  const seen = new Map<number, string>();
  for (const row of portTable) {
    const other = seen.get(ports[row.key]);
    if (other !== undefined) {
      throw new UserError(`${row.setting} and ${other} are both ${ports[row.key]}: give one of them another port.`);
    }
    seen.set(ports[row.key], row.setting);
  }
};
