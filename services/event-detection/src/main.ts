import { Model, topicName } from '@earshot/contracts';
import { loadConfig } from '@earshot/nest/config';
import { orExit, type ServiceContext } from '@earshot/nest/service';
import { runStageService } from '@earshot/nest/stage-service';
import { createTopicView, type TopicView } from '@earshot/platform/kafka';
import { eventDetectionConfig } from './config.js';
import { createPipeline } from './pipeline.js';

const viewOfModels = ({ kafka, namespace, logger }: ServiceContext): Promise<TopicView<Model>> =>
  createTopicView<Model>(kafka, {
    topic: topicName('models', namespace),
    decode: ({ value }) => (value === null ? null : Model.decode(value)),
    logger,
  });

const main = async (): Promise<void> => {
  const config = loadConfig(eventDetectionConfig, process.env);
  let view: Promise<TopicView<Model>> | undefined;
  const models = (context: ServiceContext) => (view ??= viewOfModels(context));
  await runStageService({
    name: 'event-detection',
    config,
    parts: (context) =>
      Promise.resolve([
        {
          name: 'models view',
          start: async () => (await models(context)).ready,
          stop: async () => (await view)?.stop(),
        },
      ]),
    createDefinition: async (context) => createPipeline(context.namespace, config, await models(context)),
  });
};

await main().catch(orExit);
