import 'reflect-metadata';
import { StageRunner, type StageDefinition } from '@earshot/platform/stage-runner';
import { Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import type { BaseConfig } from '../config/index.js';
import { nestLogger, runParts, type ServiceContext, type ServicePart } from '../service/index.js';
import { StageTransportStrategy } from './strategy.js';

@Module({})
class StageModule {}

export interface StageServiceOptions<S, I, O> {
  readonly name: string;
  readonly config: BaseConfig;
  createDefinition(context: ServiceContext): Promise<StageDefinition<S, I, O>>;
  /** What starts before the stage: views of side inputs, gRPC doors. */
  parts?(context: ServiceContext): Promise<readonly ServicePart[]>;
}

const stagePart = <S, I, O>(options: StageServiceOptions<S, I, O>, context: ServiceContext): ServicePart => {
  let app: INestMicroservice | undefined;
  let runner: StageRunner<S, I, O> | undefined;
  return {
    name: `stage ${options.name}`,
    start: async () => {
      const { kafka, namespace, logger, registry } = context;
      const definition = await options.createDefinition(context);
      runner = new StageRunner(definition, { kafka, producer: await context.producer(), namespace, logger, registry });
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest takes plain options here
      app = await NestFactory.createMicroservice<MicroserviceOptions>(StageModule, {
        strategy: new StageTransportStrategy(runner),
        logger: nestLogger(logger),
        abortOnError: false,
      });
      await app.listen();
    },
    stop: async () => {
      await app?.close();
    },
    ready: () => runner?.ready() ?? 'starting',
    stuck: () => runner?.stuck(),
    lag: () => runner?.lag(),
  };
};

/** A service that is a stage: a Nest microservice over the stage runner, with health and graceful drain. */
export const runStageService = <S, I, O>(options: StageServiceOptions<S, I, O>): Promise<void> =>
  runParts(options.name, options.config, async (context) => [
    ...((await options.parts?.(context)) ?? []),
    stagePart(options, context),
  ]);
