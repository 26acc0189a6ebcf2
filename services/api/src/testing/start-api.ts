import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  ClassificationServiceClient,
  FleetServiceClient,
  ModelServiceClient,
  ReviewsServiceClient,
  RulesServiceClient,
} from '@earshot/contracts';
import { MAX_PARAM_LENGTH } from '@earshot/nest/service';
import type { ClickHouse } from '@earshot/platform/clickhouse';
import { createGrpcClient } from '@earshot/platform/grpc';
import type { Kafka } from '@earshot/platform/kafka';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';

import { ApiModule } from '../api.module.js';
import { ApiKeys } from '../auth/api-keys.js';
import { ClipKeeper } from '../clips/clip-keeper.js';
import { createHeardSound } from '../clips/heard-sound.js';
import { apiConfig } from '../config.js';
import { LiveHub } from '../live/live-hub.js';
import { createDeadLetters } from '../store/dead-letters.js';
import { RegistryView } from '../peers/registry-view.js';

export interface RunningApi {
  readonly url: string;
  readonly hub: LiveHub;
  readonly directory: string;
  stop(): Promise<void>;
}

export interface ApiSetup {
  readonly clickhouse: ClickHouse;
  readonly peersUrl: string;
  readonly ingestionUrl: string;
  readonly kafka: Kafka;
  readonly namespace: string;
  readonly ratePerS?: number;
  /** Default: keep, in a folder of its own. */
  readonly clips?: 'off' | 'listen' | 'keep';
}

export const testKeys = {
  all: 'ek_all',
  reader: 'ek_reader',
  stranger: 'ek_stranger',
} as const;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The HTTP application on a free port, with its own key file and console; its Kafka parts are not started. */
export const startApi = async (setup: ApiSetup): Promise<RunningApi> => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'earshot-api-'));
  const keysFile = path.join(directory, 'keys.json');
  const keys = [
    { id: 'all', tenantId: 't1', sha256: sha256(testKeys.all), scopes: ['read', 'write', 'ingest'] },
    { id: 'reader', tenantId: 't1', sha256: sha256(testKeys.reader), scopes: ['read'] },
    { id: 'stranger', tenantId: 't2', sha256: sha256(testKeys.stranger), scopes: ['read', 'write'] },
  ];
  await writeFile(keysFile, JSON.stringify(keys));
  await writeFile(path.join(directory, 'index.html'), '<!doctype html><title>console</title>');
  const settings = apiConfig.parse({
    API_KEYS_FILE: keysFile,
    CONSOLE_DIR: directory,
    INGESTION_URL: setup.ingestionUrl,
    LIVE_CLIENTS_PER_KEY: '2',
    CLIPS: setup.clips ?? 'keep',
    CLIPS_DIR: path.join(directory, 'clips'),
    RATE_LIMIT_PER_S: String(setup.ratePerS ?? 10_000),
  });
  const logger = createLogger('api-test', 'error');
  const apiKeys = new ApiKeys(keysFile, logger);
  await apiKeys.start();
  const fleet = createGrpcClient(FleetServiceClient, setup.peersUrl);
  const alerting = createGrpcClient(RulesServiceClient, setup.peersUrl);
  const classification = createGrpcClient(ClassificationServiceClient, setup.peersUrl, 40 * 1024 * 1024);
  const models = createGrpcClient(ModelServiceClient, setup.peersUrl);
  const { clickhouse, kafka, namespace } = setup;
  const hub = new LiveHub({ kafka, namespace, clickhouse, fleet, logger, registry: createRegistry('api-test') });
  const known = new RegistryView(kafka, namespace, fleet, logger);
  const reviews = createGrpcClient(ReviewsServiceClient, setup.peersUrl);
  const sound = createHeardSound({ kafka, namespace, clickhouse, logger });
  const clips = new ClipKeeper(settings, sound, logger, createRegistry('api-clips-test'));
  await clips.start();
  const module = ApiModule.of({
    settings,
    logger,
    keys: apiKeys,
    clickhouse,
    fleet,
    alerting,
    classification,
    models,
    reviews,
    sound,
    clips,
    known,
    hub,
    deadLetters: createDeadLetters(kafka, namespace, logger),
  });
  const adapter = new FastifyAdapter({
    ...{ forceCloseConnections: true, routerOptions: { maxParamLength: MAX_PARAM_LENGTH } },
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest takes plain options here
  const app = await NestFactory.create(module, adapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  return {
    url: (await app.getUrl()).replace('[::1]', '127.0.0.1'),
    hub,
    directory,
    stop: async () => {
      await app.close();
      await apiKeys.stop();
      await hub.stop();
      await clips.stop();
      for (const client of [fleet, reviews, alerting, classification, models]) client.close();
      await rm(directory, { recursive: true });
    },
  };
};
