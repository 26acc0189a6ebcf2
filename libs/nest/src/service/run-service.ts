import 'reflect-metadata';
import { Module, type DynamicModule, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { BaseConfig } from '../config/index.js';
import { runParts } from './lifecycle.js';
import { nestLogger } from './nest-logger.js';
import type { ServiceContext, ServicePart } from './service.js';

@Module({})
class EmptyModule {}

export interface ServiceOptions {
  readonly name: string;
  readonly config: BaseConfig;
  parts(context: ServiceContext): Promise<readonly ServicePart[]>;
  /** Nest module with the HTTP controllers, made after the parts. */
  module?(context: ServiceContext): Promise<Type | DynamicModule> | Type | DynamicModule;
  /** Without it no HTTP door is opened besides health. */
  readonly httpPort?: number;
  /** Largest request body, bytes. */
  readonly bodyLimitBytes?: number;
  /** Last word on the application before it listens (content-type parsers, static files). */
  configure?(app: INestApplication, adapter: FastifyAdapter, context: ServiceContext): Promise<void> | void;
}

/** Longest part of a path that is a parameter, as it stands in the URL: ids of events hold slashes, and those count thrice. */
export const MAX_PARAM_LENGTH = 1_200;

const httpPart = (options: ServiceOptions, context: ServiceContext): ServicePart => {
  let app: INestApplication | undefined;
  return {
    name: 'http',
    start: async () => {
      const adapter = new FastifyAdapter({
        bodyLimit: options.bodyLimitBytes ?? 1024 * 1024,
        forceCloseConnections: true,
        routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
      });
      const root = (await options.module?.(context)) ?? EmptyModule;
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest takes plain options here
      app = await NestFactory.create(root, adapter, { logger: nestLogger(context.logger), abortOnError: false });
      await options.configure?.(app, adapter, context);
      if (options.httpPort === undefined) await app.init();
      else await app.listen(options.httpPort, '0.0.0.0');
    },
    stop: async () => {
      await app?.close();
    },
  };
};

/** A service that is not a stage: ingestion, fleet, api, sink. */
export const runService = (options: ServiceOptions): Promise<void> =>
  runParts(options.name, options.config, async (context) => [
    ...(await options.parts(context)),
    httpPart(options, context),
  ]);
