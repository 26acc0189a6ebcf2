import {
  ClassificationServiceClient,
  FleetServiceClient,
  ModelServiceClient,
  ReviewsServiceClient,
  RulesServiceClient,
} from '@earshot/contracts';
import { loadConfig } from '@earshot/nest/config';
import { orExit, runService, type ServiceContext, type ServicePart } from '@earshot/nest/service';
import { createClickHouse } from '@earshot/platform/clickhouse';
import { createGrpcClient } from '@earshot/platform/grpc';

import { ApiModule, type ApiParts } from './api.module.js';
import { ApiKeys } from './auth/api-keys.js';
import { ClipKeeper } from './clips/clip-keeper.js';
import { createHeardSound } from './clips/heard-sound.js';
import { apiConfig, type ApiConfig } from './config.js';
import { LiveHub } from './live/live-hub.js';
import { RegistryView } from './peers/registry-view.js';
import { createDeadLetters } from './store/dead-letters.js';
import { MAX_CLIP_BYTES } from './routes/models.controller.js';

const partsOf = (
  settings: ApiConfig,
  { kafka, logger, registry, namespace }: ServiceContext,
): ApiParts & { readonly known: RegistryView } => {
  const clickhouse = createClickHouse({
    url: settings.CLICKHOUSE_URL,
    database: settings.CLICKHOUSE_DATABASE,
    username: settings.CLICKHOUSE_USER,
    password: settings.CLICKHOUSE_PASSWORD,
  });
  const fleet = createGrpcClient(FleetServiceClient, settings.FLEET_GRPC_URL);
  const sound = createHeardSound({ kafka, namespace, clickhouse, logger });
  return {
    settings,
    logger,
    clickhouse,
    fleet,
    keys: new ApiKeys(settings.API_KEYS_FILE, logger),
    alerting: createGrpcClient(RulesServiceClient, settings.ALERTING_GRPC_URL),
    classification: createGrpcClient(
      ClassificationServiceClient,
      settings.CLASSIFICATION_GRPC_URL,
      MAX_CLIP_BYTES + 1024 * 1024,
    ),
    models: createGrpcClient(ModelServiceClient, settings.CLASSIFICATION_GRPC_URL),
    reviews: createGrpcClient(ReviewsServiceClient, settings.FLEET_GRPC_URL),
    sound,
    clips: new ClipKeeper(settings, sound, logger, registry),
    known: new RegistryView(kafka, namespace, fleet, logger),
    deadLetters: createDeadLetters(kafka, namespace, logger),
    hub: new LiveHub({ kafka, namespace, clickhouse, fleet, logger, registry }),
  };
};

/** Closes what is left open when the parts have stopped. */
const closing = (parts: ApiParts): ServicePart => ({
  name: 'clients',
  start: () => Promise.resolve(),
  stop: async () => {
    parts.fleet.close();
    parts.reviews.close();
    parts.alerting.close();
    parts.classification.close();
    parts.models.close();
    await parts.clickhouse.close();
  },
});

const start = (): Promise<void> => {
  const settings = loadConfig(apiConfig, process.env);
  let made: ApiParts | undefined;
  return runService({
    name: 'api',
    config: settings,
    httpPort: settings.HTTP_PORT,
    parts: (context) => {
      const parts = partsOf(settings, context);
      made = parts;
      return Promise.resolve([closing(parts), parts.keys, parts.known, parts.clips, parts.hub]);
    },
    module: () => {
      if (made === undefined) throw new Error('the parts are made first');
      return ApiModule.of(made);
    },
  });
};

await Promise.resolve().then(start).catch(orExit);
