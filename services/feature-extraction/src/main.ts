import { Calibration, Sensor, topicName } from '@earshot/contracts';
import { LONG_WINDOW } from '@earshot/core/machine';
import { loadConfig } from '@earshot/nest/config';
import { orExit, type ServiceContext } from '@earshot/nest/service';
import { runStageService } from '@earshot/nest/stage-service';
import { createRealFft } from '@earshot/platform/fft';
import { createTopicView, type TopicView } from '@earshot/platform/kafka';
import { createCalibrations } from './calibrations.js';
import { featureExtractionConfig } from './config.js';
import { createMachines } from './machines.js';
import { createPipeline } from './pipeline.js';

const main = async (): Promise<void> => {
  const config = loadConfig(featureExtractionConfig, process.env);
  const [fft, longFft] = await Promise.all([createRealFft(1024), createRealFft(LONG_WINDOW)]);
  const calibrations = createCalibrations();
  let view: Promise<TopicView<Calibration>> | undefined;
  const viewOfCalibrations = ({ kafka, namespace, logger }: ServiceContext): Promise<TopicView<Calibration>> =>
    (view ??= createTopicView<Calibration>(kafka, {
      topic: topicName('calibrations', namespace),
      decode: ({ value }) => (value === null ? null : Calibration.decode(value)),
      onChange: (_key, calibration) => {
        if (calibration !== undefined) calibrations.put(calibration);
      },
      logger,
    }));
  const machines = createMachines();
  let sensors: Promise<TopicView<Sensor>> | undefined;
  const viewOfSensors = ({ kafka, namespace, logger }: ServiceContext): Promise<TopicView<Sensor>> =>
    (sensors ??= createTopicView<Sensor>(kafka, {
      topic: topicName('sensors', namespace),
      decode: ({ value }) => (value === null ? null : Sensor.decode(value)),
      onChange: (_key, sensor) => {
        if (sensor !== undefined) machines.put(sensor);
      },
      logger,
    }));
  await runStageService({
    name: 'feature-extraction',
    config,
    parts: (context) =>
      Promise.resolve([
        {
          name: 'calibrations view',
          start: async () => (await viewOfCalibrations(context)).ready,
          stop: async () => (await view)?.stop(),
        },
        {
          name: 'sensors view',
          start: async () => (await viewOfSensors(context)).ready,
          stop: async () => (await sensors)?.stop(),
        },
      ]),
    createDefinition: async (context) =>
      createPipeline(context.namespace, config, {
        fft,
        longFft,
        calibrationAt: (sensor, timeUs) => calibrations.at(sensor, timeUs),
        machineAt: (sensor, timeUs) => machines.at(sensor, timeUs),
        viewsReady: Promise.all([(await viewOfCalibrations(context)).ready, (await viewOfSensors(context)).ready]),
      }),
  });
};

await main().catch(orExit);
