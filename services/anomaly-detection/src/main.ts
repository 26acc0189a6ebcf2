import { Sensor, topicName } from '@earshot/contracts';
import { loadConfig } from '@earshot/nest/config';
import { orExit, type ServiceContext } from '@earshot/nest/service';
import { runStageService } from '@earshot/nest/stage-service';
import { createTopicView, type TopicView } from '@earshot/platform/kafka';
import { anomalyConfigOf, anomalyDetectionConfig } from './config.js';
import { createAnomalyDetection } from './pipeline.js';
import { createWishes } from './wishes.js';

const run = async (): Promise<void> => {
  const config = loadConfig(anomalyDetectionConfig, process.env);
  const wishes = createWishes();
  let view: Promise<TopicView<Sensor>> | undefined;
  const viewOfSensors = ({ kafka, namespace, logger }: ServiceContext): Promise<TopicView<Sensor>> =>
    (view ??= createTopicView<Sensor>(kafka, {
      topic: topicName('sensors', namespace),
      decode: ({ value }) => (value === null ? null : Sensor.decode(value)),
      onChange: (_key, sensor) => {
        if (sensor !== undefined) wishes.put(sensor);
      },
      logger,
    }));
  await runStageService({
    name: 'anomaly-detection',
    config,
    parts: (context) =>
      Promise.resolve([
        {
          name: 'sensors view',
          start: async () => (await viewOfSensors(context)).ready,
          stop: async () => (await view)?.stop(),
        },
      ]),
    createDefinition: async (context) =>
      createAnomalyDetection(anomalyConfigOf(config), context.namespace, {
        wishOf: (sensor) => wishes.of(sensor),
        sensorsReady: (await viewOfSensors(context)).ready,
      }),
  });
};

await run().catch(orExit);
