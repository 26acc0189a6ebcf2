import { Calibration, Sensor, topicName } from '@earshot/contracts';
import type { ServicePart } from '@earshot/nest/service';
import { createTopicView, type Kafka, type TopicView } from '@earshot/platform/kafka';
import type { Logger } from '@earshot/platform/telemetry';

export interface RegistryViewsDeps {
  readonly kafka: Kafka;
  readonly namespace: string;
  readonly logger: Logger;
  onCalibration(calibration: Calibration): void;
  /** undefined: the sensor's record is gone. `key` is tenant/sensor. */
  onSensor(key: string, sensor: Sensor | undefined): void;
}

export interface RegistryViews extends ServicePart {
  /** Resolves when all that stood in the topics at the start was told. */
  readonly whenReady: Promise<void>;
  isReady(): boolean;
}

/** Follows the topics of sensors and calibrations from their beginning. */
export const createRegistryViews = (deps: RegistryViewsDeps): RegistryViews => {
  const { kafka, namespace, logger } = deps;
  const views: TopicView<unknown>[] = [];
  let resolve: () => void = () => undefined;
  const whenReady = new Promise<void>((onReady) => {
    resolve = onReady;
  });
  const isReady = (): boolean => views.length === 2 && views.every((view) => view.isReady());
  return {
    name: 'registry views',
    isReady,
    whenReady,
    start: async () => {
      views.push(
        await createTopicView<Calibration>(kafka, {
          topic: topicName('calibrations', namespace),
          decode: ({ value }) => (value === null ? null : Calibration.decode(value)),
          onChange: (_key, calibration) => {
            if (calibration !== undefined) deps.onCalibration(calibration);
          },
          logger,
        }),
        await createTopicView<Sensor>(kafka, {
          topic: topicName('sensors', namespace),
          decode: ({ value }) => (value === null ? null : Sensor.decode(value)),
          onChange: (key, sensor) => {
            deps.onSensor(key, sensor);
          },
          logger,
        }),
      );
      void Promise.all(views.map((view) => view.ready)).then(resolve);
    },
    stop: async () => {
      await Promise.all(views.map((view) => view.stop()));
    },
    ready: () => isReady() || 'reading the registry',
  };
};
