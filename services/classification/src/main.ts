import { modelKey, type InstalledModel } from '@earshot/core/classification';
import { ConfigError, loadConfig } from '@earshot/nest/config';
import { orExit, type ServiceContext, type ServicePart } from '@earshot/nest/service';
import { runStageService } from '@earshot/nest/stage-service';
import { createRealFft } from '@earshot/platform/fft';
import { startGrpcServer } from '@earshot/platform/grpc';
import { BundleError, createClassifier, createSequence, loadBundleFor } from '@earshot/platform/onnx';
import { classificationService, MAX_CLIP_BYTES, type ClipDependencies } from './classify-clip.js';
import { classificationConfig } from './config.js';
import { createModelMetrics } from './model-metrics.js';
import { modelRegistryPart } from './model-registry.js';
import { createPipeline } from './pipeline.js';

/** Room for the message around the clip, so that a clip that is too large is told so. */
const MESSAGE_BYTES = MAX_CLIP_BYTES + 1024 * 1024;

const grpcPart = ({ logger }: ServiceContext, host: string, port: number, clips: ClipDependencies): ServicePart => {
  let server: { stop(): Promise<void> } | undefined;
  return {
    name: 'grpc',
    start: async () => {
      const services = [classificationService(clips)];
      server = await startGrpcServer({ host, port, services, logger, maxMessageBytes: MESSAGE_BYTES });
    },
    stop: async () => server?.stop(),
    ready: () => server !== undefined || 'gRPC does not listen yet',
  };
};

/** A bundle that can't be used is a wrong setting: told as such, without a stack. */
const asSetting =
  (name: string) =>
  (error: unknown): never => {
    throw error instanceof BundleError ? new ConfigError(`${name}: ${error.message}`, { cause: error }) : error;
  };

const main = async (): Promise<void> => {
  const config = loadConfig(classificationConfig, process.env);
  const classifierBundle = await loadBundleFor('audio-classification', config.MODEL_BUNDLE).catch(
    asSetting('MODEL_BUNDLE'),
  );
  const sequenceBundle = await loadBundleFor('audio-event-detection', config.SEQUENCE_BUNDLE).catch(
    asSetting('SEQUENCE_BUNDLE'),
  );
  const classifier = createClassifier(classifierBundle);
  const installed: readonly InstalledModel[] = [classifier, createSequence(sequenceBundle)];
  const keyOf = ({ spec }: InstalledModel): string => modelKey(spec.modelId, spec.modelVersion);
  const fft = await createRealFft(1024);
  await runStageService({
    name: 'classification',
    config,
    parts: (context) =>
      Promise.resolve([
        modelRegistryPart(context, [classifierBundle, sequenceBundle]),
        grpcPart(context, config.GRPC_HOST, config.GRPC_PORT, { live: () => classifier, fft }),
      ]),
    createDefinition: ({ namespace, registry }) => {
      const { measured } = createModelMetrics(registry);
      const models = new Map(installed.map((model) => [keyOf(model), measured(model)]));
      return Promise.resolve(
        createPipeline(namespace, {
          rolesOf: (task) =>
            installed
              .filter(({ spec }) => spec.task === task)
              .map((model) => ({ effectiveFromUs: 0, live: keyOf(model), shadow: [] })),
          model: (key) => models.get(key),
        }),
      );
    },
  });
};

await main().catch(orExit);
