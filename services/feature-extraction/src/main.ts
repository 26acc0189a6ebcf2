import { Calibration, topicName } from '@earshot/contracts';
import { loadConfig } from '@earshot/nest/config';
import { orExit, type ServiceContext } from '@earshot/nest/service';
import { runStageService } from '@earshot/nest/stage-service';
import { createRealFft } from '@earshot/platform/fft';
import { createTopicView, type TopicView } from '@earshot/platform/kafka';
import { createCalibrations } from './calibrations.js';
import { featureExtractionConfig } from './config.js';
import { createPipeline } from './pipeline.js';

const main = async (): Promise<void> => {
  const config = loadConfig(featureExtractionConfig, process.env);
  const fft = await createRealFft(1024);
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
      ]),
    createDefinition: async (context) =>
      createPipeline(context.namespace, config, {
        fft,
        calibrationAt: (sensor, timeUs) => calibrations.at(sensor, timeUs),
        calibrationsReady: (await viewOfCalibrations(context)).ready,
      }),
  });
};

await main().catch(orExit);
