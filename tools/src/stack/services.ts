import path from 'node:path';

import type { Ports, Settings } from '../config/settings.js';

export interface ServiceSpec {
  name: string;
  /** Compiled entry, relative to the root. */
  entry: string;
  /** Ports it listens on besides its health port. */
  ports: readonly (keyof Ports)[];
  /** Its own variables, besides those every service gets. */
  env: (endpoints: Endpoints) => Readonly<Record<string, string>>;
}

/** Where everything is: what services are told and `status` prints. */
export interface Endpoints {
  kafkaBrokers: string;
  clickhouseUrl: string;
  ports: Ports;
  apiKeysFile: string;
  /** The stack's own API key. */
  apiKeyFile: string;
  /** Clips of reviewed events. */
  clipsDir: string;
}

const entryOf = (name: string): string => `services/${name}/dist/main.js`;
const grpcOf = (port: number): string => `127.0.0.1:${port}`;

/** The one table of services, in the order they are shown. The i-th has health port EARSHOT_HEALTH_PORT_BASE + i. */
export const services: readonly ServiceSpec[] = [
  {
    name: 'ingestion',
    entry: entryOf('ingestion'),
    ports: ['ingestionHttp', 'grpc', 'mqtt'],
    env: ({ ports, apiKeysFile }) => ({
      HTTP_PORT: String(ports.ingestionHttp),
      GRPC_PORT: String(ports.grpc),
      MQTT_PORT: String(ports.mqtt),
      API_KEYS_FILE: apiKeysFile,
    }),
  },
  { name: 'feature-extraction', entry: entryOf('feature-extraction'), ports: [], env: () => ({}) },
  {
    name: 'classification',
    entry: entryOf('classification'),
    ports: ['classificationGrpc'],
    env: ({ ports }) => ({
      GRPC_HOST: '127.0.0.1',
      GRPC_PORT: String(ports.classificationGrpc),
      MODEL_BUNDLE: 'models/bundles/esc10-cnn',
      SEQUENCE_BUNDLE: 'models/bundles/esc10-crnn',
    }),
  },
  { name: 'event-detection', entry: entryOf('event-detection'), ports: [], env: () => ({}) },
  { name: 'anomaly-detection', entry: entryOf('anomaly-detection'), ports: [], env: () => ({}) },
  {
    name: 'alerting',
    entry: entryOf('alerting'),
    ports: ['alertingGrpc'],
    // On one machine whoever takes webhooks is on it too.
    env: ({ ports }) => ({
      GRPC_HOST: '127.0.0.1',
      GRPC_PORT: String(ports.alertingGrpc),
      WEBHOOK_ALLOW_PRIVATE: 'true',
    }),
  },
  { name: 'sink', entry: entryOf('sink'), ports: [], env: () => ({}) },
  {
    name: 'fleet',
    entry: entryOf('fleet'),
    ports: ['fleetGrpc'],
    env: ({ ports }) => ({ GRPC_HOST: '127.0.0.1', GRPC_PORT: String(ports.fleetGrpc) }),
  },
  {
    name: 'api',
    entry: entryOf('api'),
    ports: ['api'],
    env: ({ ports, apiKeysFile, clipsDir }) => ({
      HTTP_PORT: String(ports.api),
      INGESTION_URL: `http://localhost:${ports.ingestionHttp}`,
      FLEET_GRPC_URL: grpcOf(ports.fleetGrpc),
      CLASSIFICATION_GRPC_URL: grpcOf(ports.classificationGrpc),
      ALERTING_GRPC_URL: grpcOf(ports.alertingGrpc),
      API_KEYS_FILE: apiKeysFile,
      CONSOLE_DIR: 'services/console/dist',
      CLIPS: 'keep',
      CLIPS_DIR: clipsDir,
    }),
  },
];

/** Started only when asked for; its health port comes after those of the others. */
const canary: ServiceSpec = {
  name: 'canary',
  entry: entryOf('canary'),
  ports: [],
  env: ({ ports, apiKeyFile }) => ({ API_URL: `http://localhost:${ports.api}`, API_KEY_FILE: apiKeyFile }),
};

export const servicesOf = (settings: Pick<Settings, 'canary'>): readonly ServiceSpec[] =>
  settings.canary ? [...services, canary] : services;

/** What a service may see of the caller's environment besides its own `<SERVICE>__…` variables. */
const inherited =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|(https?|no|all)_proxy|TOPIC_NAMESPACE|OTEL_.*|EARSHOT_.*|KAFKA_.*|CLICKHOUSE_.*)$/i;

export const inheritedEnv = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => inherited.test(name)));

/** `ANOMALY_DETECTION__WARMUP_S=60` becomes `WARMUP_S=60` for anomaly-detection, over everything else. */
export const passedThrough = (service: string, env: NodeJS.ProcessEnv): Record<string, string> => {
  const prefix = `${service.toUpperCase().replaceAll('-', '_')}__`;
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      name.startsWith(prefix) && value !== undefined ? [[name.slice(prefix.length), value]] : [],
    ),
  );
};

/** The whole environment of the `index`-th service. */
export const environmentOf = (
  service: ServiceSpec,
  index: number,
  settings: Settings,
  endpoints: Endpoints,
): NodeJS.ProcessEnv => ({
  ...inheritedEnv(settings.env),
  KAFKA_BROKERS: endpoints.kafkaBrokers,
  CLICKHOUSE_URL: endpoints.clickhouseUrl,
  CLICKHOUSE_DATABASE: settings.env['CLICKHOUSE_DATABASE'] ?? 'earshot',
  LOG_LEVEL: settings.env['LOG_LEVEL'] ?? 'info',
  NODE_ENV: 'production',
  ...service.env(endpoints),
  ...passedThrough(service.name, settings.env),
  // Not to be changed from outside: the supervisor asks there.
  HEALTH_PORT: String(settings.ports.healthBase + index),
});

export const endpointsOf = (settings: Settings): Endpoints => ({
  kafkaBrokers: settings.givenKafkaBrokers ?? `127.0.0.1:${settings.ports.kafka}`,
  clickhouseUrl: settings.givenClickHouseUrl ?? `http://127.0.0.1:${settings.ports.clickhouse}`,
  ports: settings.ports,
  apiKeysFile: path.join(settings.stateDir, 'api-keys.json'),
  apiKeyFile: path.join(settings.stateDir, 'api-key'),
  clipsDir: path.join(settings.stateDir, 'clips'),
});
