import { topicName } from '@earshot/contracts';
import type { ModelKey, Task } from '@earshot/core/classification';
import type { ServiceContext, ServicePart } from '@earshot/nest/service';
import { createTopicView, retryForever, type TopicView } from '@earshot/platform/kafka';
import { decodePicture, type StoredPicture } from '@earshot/platform/records';
import { ModelDesk } from './model-desk.js';
import type { ModelHost } from './model-host.js';
import { publishModels } from './models-topic.js';

const TIDY_MS = 30_000;

export interface ModelsOptions {
  readonly host: ModelHost;
  /** Live when the ledger does not say otherwise. */
  readonly configured: Readonly<Record<Task, ModelKey>>;
  readonly leadUs: number;
}

type ModelsContext = Pick<ServiceContext, 'kafka' | 'logger' | 'namespace' | 'producer'>;

/** The desk, following the ledger while the part runs. Whoever reads what a model said can know the model: it is published before. */
export const createModels = async (
  context: ModelsContext,
  { host, configured, leadUs }: ModelsOptions,
): Promise<{ readonly desk: ModelDesk; readonly part: ServicePart }> => {
  const { kafka, namespace, logger } = context;
  const nowUs = (): number => Date.now() * 1000;
  let following: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const lifecycle = { ready: false, stopped: false };
  const view: TopicView<StoredPicture> = await createTopicView(kafka, {
    topic: topicName('modelRoles', namespace),
    decode: decodePicture,
    onChange: () => {
      if (lifecycle.ready) followAgain();
    },
    logger,
  });
  const desk = new ModelDesk({
    ...{ host, view, namespace, logger, leadUs, nowUs, producer: () => context.producer() },
    publish: async (models) =>
      publishModels({ kafka, namespace, logger, producer: await context.producer() }, models, nowUs()),
  });
  const followAgain = (): void => {
    following = following
      .then(() => desk.follow())
      .catch((error: unknown) => logger.error({ err: error }, 'The ledger of roles could not be followed'));
  };
  const part: ServicePart = {
    name: 'models',
    start: async () => {
      await retryForever('Roles of models', logger, () => lifecycle.stopped, () => desk.begin(configured));
      lifecycle.ready = true;
      followAgain();
      timer = setInterval(() => {
        desk.tidy().catch((error: unknown) => logger.error({ err: error }, 'Networks could not be tidied'));
      }, TIDY_MS);
      timer.unref();
    },
    stop: async () => {
      lifecycle.stopped = true;
      clearInterval(timer);
      await view.stop();
      await following;
      await host.close();
    },
    ready: () => lifecycle.ready || 'roles of models are not known yet',
  };
  return { desk, part };
};
