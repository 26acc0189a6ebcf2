import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import type {
  ClassificationServiceClient,
  FleetServiceClient,
  ModelServiceClient,
  ReviewsServiceClient,
  RulesServiceClient,
} from '@earshot/contracts';
import type { ClickHouse } from '@earshot/platform/clickhouse';
import type { Logger } from '@earshot/platform/telemetry';

import type { ApiKeys } from './auth/api-keys.js';
import { RateLimit } from './auth/rate-limit.js';
import type { ClipKeeper } from './clips/clip-keeper.js';
import type { HeardSound } from './clips/heard-sound.js';
import type { ApiConfig } from './config.js';
import { Console } from './console/console.js';
import { ContentTypes } from './http/content-types.js';
import { EndpointGuard } from './http/endpoint-guard.js';
import { ErrorFilter } from './http/error-filter.js';
import type { LiveHub } from './live/live-hub.js';
import type { KnownThings } from './peers/registry-view.js';
import { CalibrationsController } from './routes/calibrations.controller.js';
import { ClipsController } from './routes/clips.controller.js';
import { DeadLettersController } from './routes/dead-letters.controller.js';
import { DocumentController } from './routes/document.controller.js';
import { LiveController } from './routes/live.controller.js';
import { ModelsController } from './routes/models.controller.js';
import { ReviewsController } from './routes/reviews.controller.js';
import { RulesController } from './routes/rules.controller.js';
import { SensorsController } from './routes/sensors.controller.js';
import { SoundController } from './routes/sound.controller.js';
import type { DeadLetters } from './store/dead-letters.js';
import {
  ALERTING,
  API_KEYS,
  CLASSIFICATION,
  CLICKHOUSE,
  CLIP_KEEPER,
  DEAD_LETTERS,
  FLEET,
  HEARD_SOUND,
  LIVE_HUB,
  LOGGER,
  MODELS,
  REGISTRY_VIEW,
  REVIEWS,
  SETTINGS,
} from './tokens.js';

export interface ApiParts {
  readonly settings: ApiConfig;
  readonly logger: Logger;
  readonly keys: ApiKeys;
  readonly clickhouse: ClickHouse;
  readonly fleet: FleetServiceClient;
  readonly alerting: RulesServiceClient;
  readonly classification: ClassificationServiceClient;
  readonly models: ModelServiceClient;
  readonly reviews: ReviewsServiceClient;
  readonly sound: HeardSound;
  readonly clips: ClipKeeper;
  readonly known: KnownThings;
  readonly hub: LiveHub;
  readonly deadLetters: DeadLetters;
}

@Module({})
export class ApiModule {
  static of(parts: ApiParts): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        SensorsController,
        CalibrationsController,
        DeadLettersController,
        SoundController,
        ReviewsController,
        ClipsController,
        RulesController,
        ModelsController,
        LiveController,
        DocumentController,
      ],
      providers: [
        { provide: SETTINGS, useValue: parts.settings },
        { provide: LOGGER, useValue: parts.logger },
        { provide: API_KEYS, useValue: parts.keys },
        { provide: CLICKHOUSE, useValue: parts.clickhouse },
        { provide: FLEET, useValue: parts.fleet },
        { provide: ALERTING, useValue: parts.alerting },
        { provide: CLASSIFICATION, useValue: parts.classification },
        { provide: MODELS, useValue: parts.models },
        { provide: REVIEWS, useValue: parts.reviews },
        { provide: HEARD_SOUND, useValue: parts.sound },
        { provide: CLIP_KEEPER, useValue: parts.clips },
        { provide: REGISTRY_VIEW, useValue: parts.known },
        { provide: DEAD_LETTERS, useValue: parts.deadLetters },
        { provide: LIVE_HUB, useValue: parts.hub },
        { provide: RateLimit, useValue: new RateLimit(parts.settings.RATE_LIMIT_PER_S) },
        { provide: Console, useValue: new Console(parts.settings.CONSOLE_DIR) },
        { provide: APP_FILTER, useClass: ErrorFilter },
        {
          provide: ContentTypes,
          useFactory: (host: HttpAdapterHost, pages: Console) => new ContentTypes(host, pages),
          inject: [HttpAdapterHost, Console],
        },
        EndpointGuard,
      ],
    };
  }
}
