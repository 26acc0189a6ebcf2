import { IngestionServiceService, Sensor, topicName } from '@earshot/contracts';
import type { ServiceContext, ServicePart } from '@earshot/nest/service';
import { startGrpcServer } from '@earshot/platform/grpc';
import { createLagWatch, createTopicView } from '@earshot/platform/kafka';
import { ApiKeys } from './access/api-keys.js';
import { KeyChanges } from './access/key-changes.js';
import { SensorDirectory } from './access/sensors.js';
import { Congestion, watchedLags } from './admission/congestion.js';
import { Lanes, type LaneSettings } from './admission/lanes.js';
import { Seniority } from './admission/seniority.js';
import { ByteGate } from './byte-gate.js';
import type { IngestionConfig } from './config.js';
import { createStreamAudio } from './grpc/stream-audio.js';
import type { HttpDoor } from './http/door.js';
import { createTakeLevels } from './http/take-levels.js';
import { createTakeUpload } from './http/upload.js';
import { createIngestionMetrics } from './metrics.js';
import { createEmbeddedBroker } from './mqtt/embedded-broker.js';
import { createExternalMqtt } from './mqtt/external-client.js';
import { createFrameAcceptor, createGatedWrite } from './pipeline.js';

/** The three doors, before one acceptor. */
export interface Doors {
  /** In the order they start: what is known of sensors, then MQTT and gRPC. */
  readonly parts: readonly ServicePart[];
  readonly http: HttpDoor;
  /** Where the doors really are, once started. */
  ports(): { readonly mqtt: number; readonly grpc: number };
}

type DoorContext = Pick<ServiceContext, 'kafka' | 'producer' | 'logger' | 'registry' | 'namespace'>;

const MAX_GRPC_MESSAGE_BYTES = 2 * 1024 * 1024;

const decodeSensor = (value: Uint8Array | null): Sensor | null => {
  try {
    return value === null ? null : Sensor.decode(value);
  } catch {
    return null;
  }
};

const laneSettings = (config: IngestionConfig): LaneSettings => ({
  sensorRate: config.SENSOR_RATE,
  sensorBurstS: config.SENSOR_BURST_S,
  tenantRate: config.TENANT_RATE,
  tenantBurstS: config.TENANT_BURST_S,
  backfillAfterS: config.BACKFILL_AFTER_S,
});

/** Bodies of uploads in memory: so many times the largest one. */
const BODIES = 2;

export const createDoors = async (context: DoorContext, config: IngestionConfig): Promise<Doors> => {
  const { kafka, logger, registry, namespace } = context;
  const nowUs = (): number => Date.now() * 1000;
  const gate = new ByteGate(config.MAX_UNACKNOWLEDGED_BYTES);
  const producer = await context.producer();
  const lags = createLagWatch(kafka, { watched: watchedLags(namespace, config.MAX_LAG_S), logger });
  const seniority = new Seniority(() => lags.isStrained());
  const metrics = createIngestionMetrics(registry, {
    unacknowledgedBytes: () => gate.usedBytes,
    waitingSensors: () => seniority.waitingCount,
  });
  const congestion = new Congestion(lags, namespace, seniority);
  const slowLane = topicName('audioBackfill', namespace);
  const lanes = new Lanes(laneSettings(config), (key, sinceMs) => {
    const partition = lags.partitionOf(key);
    return partition !== null && lags.hasReadSince(`${namespace}.feature-extraction`, slowLane, partition, sinceMs);
  });
  const acceptor = createFrameAcceptor({ producer, namespace, gate, metrics, lanes, congestion, nowUs });
  const lagPart: ServicePart = { name: 'lags', start: () => lags.start(), stop: () => lags.stop() };

  const changes = new KeyChanges();
  const sensors = await createTopicView<Sensor>(kafka, {
    topic: topicName('sensors', namespace),
    decode: ({ value }) => decodeSensor(value),
    onChange: (key) => changes.tell(key),
    logger,
  });
  const directory = new SensorDirectory(sensors, changes);
  const apiKeys = new ApiKeys(config.API_KEYS_FILE);

  const registryPart: ServicePart = {
    name: 'sensors',
    start: async () => {
      await apiKeys.load();
      await sensors.ready;
    },
    stop: () => sensors.stop(),
    ready: () => sensors.isReady() || 'the sensors are being read',
  };

  const shared = { acceptor, directory, metrics, logger };
  const embedded = createEmbeddedBroker({ ...shared, port: config.MQTT_PORT });
  const mqtt =
    config.MQTT_URL === undefined
      ? embedded
      : createExternalMqtt({
          ...shared,
          url: config.MQTT_URL,
          shareGroup: config.MQTT_SHARE_GROUP,
          connections: config.MQTT_CONNECTIONS,
          ...(config.MQTT_USERNAME === undefined ? {} : { username: config.MQTT_USERNAME }),
          ...(config.MQTT_PASSWORD === undefined ? {} : { password: config.MQTT_PASSWORD }),
        });

  const streams = createStreamAudio(shared);
  let grpc: Awaited<ReturnType<typeof startGrpcServer>> | undefined;
  const grpcPart: ServicePart = {
    name: 'grpc',
    start: async () => {
      grpc = await startGrpcServer({
        port: config.GRPC_PORT,
        services: [{ definition: IngestionServiceService, implementation: { streamAudio: streams.handle } }],
        maxMessageBytes: MAX_GRPC_MESSAGE_BYTES,
        logger,
      });
    },
    stop: async () => {
      await streams.stop();
      await grpc?.stop();
    },
  };

  return {
    parts: [registryPart, lagPart, mqtt, grpcPart],
    http: {
      directory,
      apiKeys,
      metrics,
      maxBodyBytes: config.MAX_UPLOAD_BYTES,
      bodies: new ByteGate(BODIES * config.MAX_UPLOAD_BYTES),
      busy: (sensor) => congestion.fault(sensor, 'audio'),
      takeUpload: createTakeUpload({ acceptor, gate, metrics, maxSeconds: config.MAX_UPLOAD_SECONDS, nowUs }),
      takeLevels: createTakeLevels({
        acceptor,
        write: createGatedWrite(producer, gate),
        namespace,
        gate,
        metrics,
        maxSeconds: config.MAX_UPLOAD_SECONDS,
        nowUs,
      }),
    },
    ports: () => ({ mqtt: embedded.port, grpc: grpc?.port ?? config.GRPC_PORT }),
  };
};
