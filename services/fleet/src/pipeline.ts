/**
 * Fleet, read from top to bottom:
 *
 *   sensors.v1, calibrations.v1 ──► SensorRegistry ◄──► gRPC (create, update, retire, rotate, get, list, watch)
 *   reviews.v1 ──► ReviewStore ◄──► gRPC (put, get, withdraw)
 *   levels.v1 ──► hear ──► PresenceTable ──► state.fleet.v1 (snapshots)
 *   every second: PresenceTable ──► Silent frames ──► audio.v1;  changes ──► watchers
 */
import {
  Calibration,
  EventReview,
  FleetServiceService,
  ReviewsServiceService,
  Sensor,
  topicName,
} from '@earshot/contracts';
import { isOnline } from '@earshot/core/fleet';
import type { ServicePart } from '@earshot/nest/service';
import { startGrpcServer } from '@earshot/platform/grpc';
import { createTopicView, readToEnd, type Kafka, type RecordProducer, type TopicView } from '@earshot/platform/kafka';
import { SinkRunner } from '@earshot/platform/stage-runner';
import { Counter, Gauge, type Logger, type Registry } from '@earshot/platform/telemetry';
import { ToneListener } from './calibration/tone-listener.js';
import { createFleetGrpc } from './grpc/fleet-grpc.js';
import { createDescribeSensor } from './grpc/status.js';
import { WatchHub } from './grpc/watch-hub.js';
import { createHearLevels } from './presence/hear-levels.js';
import { PresenceTable } from './presence/presence-table.js';
import { createTellSilence } from './presence/tell-silence.js';
import { SensorRegistry } from './registry/sensor-registry.js';
import { ReviewStore } from './reviews/review-store.js';
import { createReviewsGrpc } from './reviews/reviews-grpc.js';

export interface FleetContext {
  readonly kafka: Kafka;
  producer(): Promise<RecordProducer>;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly namespace: string;
}

export interface FleetSettings {
  /** Default: every interface. */
  readonly grpcHost?: string;
  readonly grpcPort: number;
  readonly silentAfterS: number;
  /** Microseconds since the Unix epoch; fleet is the one stage side with a clock. */
  readonly nowUs: () => number;
}

export interface Fleet {
  /** In the order they start. */
  readonly parts: readonly ServicePart[];
  /** The port gRPC listens on, once started. */
  grpcPort(): number;
}

const TICK_MS = 1_000;
/** Levels may be this far behind and fleet still knows who is silent, seconds. */
const LISTENING_LAG_S = 5;

export const createFleet = async (context: FleetContext, settings: FleetSettings): Promise<Fleet> => {
  const { kafka, logger, namespace } = context;
  const { nowUs } = settings;
  const silentAfterUs = settings.silentAfterS * 1e6;
  const producer = await context.producer();

  const registry = new SensorRegistry({ producer, namespace, nowUs });
  const reviews = new ReviewStore({
    ...{ producer, namespace, nowUs },
    isRegistered: (tenantId, sensorId) => registry.get(tenantId, sensorId) !== undefined,
  });
  const table = new PresenceTable();
  const describe = createDescribeSensor({ table, silentAfterUs, nowUs });
  const hub = new WatchHub(registry, describe, nowUs);
  const listener = new ToneListener({ registry, logger, nowUs });
  const hearing = createHearLevels({ table, listener, producer, namespace, nowUs });
  const runner = new SinkRunner(hearing, { ...context, producer });
  const tellSilence = createTellSilence({
    table,
    producer,
    namespace,
    silentAfterUs,
    nowUs,
    isListening: () => runner.ready() === true && runner.lag().seconds < LISTENING_LAG_S,
  });
  let port = settings.grpcPort;
  countThings(context.registry, registry, reviews, table, () => nowUs(), silentAfterUs);
  const silents = new Counter({
    name: 'earshot_fleet_silent_frames_total',
    help: 'Silent frames written',
    registers: [context.registry],
  });

  return {
    grpcPort: () => port,
    parts: [
      registryPart(kafka, namespace, logger, registry, reviews),
      {
        name: 'presence',
        start: async () => {
          const topic = topicName('stateFleet', namespace);
          await readToEnd(kafka, {
            topics: [topic],
            logger,
            onRecord: ({ key, value }) => {
              if (value !== null) table.restore(key, value);
            },
          });
        },
        stop: () => Promise.resolve(),
      },
      runner,
      everySecond(logger, async () => {
        hub.tick();
        silents.inc(await tellSilence());
      }),
      grpcPart(async () => {
        const services = [
          { definition: FleetServiceService, implementation: createFleetGrpc({ registry, describe, hub, listener }) },
          { definition: ReviewsServiceService, implementation: createReviewsGrpc(reviews) },
        ];
        const server = await startGrpcServer({
          ...(settings.grpcHost === undefined ? {} : { host: settings.grpcHost }),
          port: settings.grpcPort,
          services,
          logger,
        });
        port = server.port;
        return {
          stop: () => {
            hub.close();
            return server.stop();
          },
        };
      }),
    ],
  };
};

/** Reads the system of record; nothing is answered before it is complete. */
const registryPart = (
  kafka: Kafka,
  namespace: string,
  logger: Logger,
  registry: SensorRegistry,
  reviews: ReviewStore,
): ServicePart => {
  const views: TopicView<unknown>[] = [];
  return {
    name: 'registry',
    start: async () => {
      // Calibrations first: their versions must be known before a sensor can be changed.
      views.push(
        await createTopicView<Calibration>(kafka, {
          topic: topicName('calibrations', namespace),
          decode: ({ value }) => (value === null ? null : Calibration.decode(value)),
          onChange: (_key, calibration) => registry.applyCalibration(calibration),
          logger,
        }),
        await createTopicView<Sensor>(kafka, {
          topic: topicName('sensors', namespace),
          decode: ({ value }) => (value === null ? null : Sensor.decode(value)),
          onChange: (key, sensor) => registry.applySensor(key, sensor),
          logger,
        }),
        await createTopicView<EventReview>(kafka, {
          topic: topicName('reviews', namespace),
          decode: ({ value }) => (value === null ? null : EventReview.decode(value)),
          onChange: (key, review) => reviews.apply(key, review),
          logger,
        }),
      );
      await Promise.all(views.map((view) => view.ready));
    },
    stop: async () => {
      await Promise.all(views.map((view) => view.stop()));
    },
    ready: () => (views.length > 0 && views.every((view) => view.isReady())) || 'reading the registry',
  };
};

/** Runs a task every second, never twice at a time; a failure is logged and the next second tries again. */
const everySecond = (logger: Logger, task: () => Promise<void>): ServicePart => {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  return {
    name: 'clock',
    start: () => {
      timer = setInterval(() => {
        running ??= task()
          .catch((error: unknown) => logger.warn({ err: error }, 'Telling silence failed, trying again'))
          .finally(() => {
            running = undefined;
          });
      }, TICK_MS);
      return Promise.resolve();
    },
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
};

const grpcPart = (listen: () => Promise<{ stop(): Promise<void> }>): ServicePart => {
  let server: { stop(): Promise<void> } | undefined;
  return {
    name: 'grpc',
    start: async () => {
      server = await listen();
    },
    stop: async () => server?.stop(),
    ready: () => server !== undefined || 'gRPC does not listen yet',
  };
};

const countThings = (
  metrics: Registry,
  registry: SensorRegistry,
  reviews: ReviewStore,
  table: PresenceTable,
  nowUs: () => number,
  silentAfterUs: number,
): void => {
  new Gauge({
    name: 'earshot_fleet_sensors',
    help: 'Sensors in the registry, retired ones included',
    registers: [metrics],
    collect() {
      this.set(registry.size);
    },
  });
  new Gauge({
    name: 'earshot_fleet_reviews',
    help: 'Reviews of events, withdrawn ones included',
    registers: [metrics],
    collect() {
      this.set(reviews.size);
    },
  });
  new Gauge({
    name: 'earshot_fleet_sensors_online',
    help: 'Sensors heard within SILENT_AFTER_S',
    registers: [metrics],
    collect() {
      const now = nowUs();
      this.set([...table.entries()].filter(([, presence]) => isOnline(presence, now, silentAfterUs)).length);
    },
  });
};
