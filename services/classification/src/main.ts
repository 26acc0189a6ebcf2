import { ConfigError, loadConfig } from '@earshot/nest/config';
import { orExit, type ServiceContext, type ServicePart } from '@earshot/nest/service';
import { runStageService } from '@earshot/nest/stage-service';
import { createRealFft } from '@earshot/platform/fft';
import { startGrpcServer } from '@earshot/platform/grpc';
import { BundleError, createClassifier, loadModelBundle } from '@earshot/platform/onnx';
import { classificationService, MAX_CLIP_BYTES, type ClipDependencies } from './classify-clip.js';
import { classificationConfig } from './config.js';
import { modelRegistryPart } from './model-registry.js';
import { createPipeline, windowConfig } from './pipeline.js';

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
const asSetting = (error: unknown): never => {
  throw error instanceof BundleError ? new ConfigError(`MODEL_BUNDLE: ${error.message}`, { cause: error }) : error;
};

const main = async (): Promise<void> => {
  const config = loadConfig(classificationConfig, process.env);
  const bundle = await loadModelBundle(config.MODEL_BUNDLE).catch(asSetting);
  const windows = windowConfig(bundle.manifest);
  const classifier = createClassifier(bundle);
  const fft = await createRealFft(1024);
  await runStageService({
    name: 'classification',
    config,
    parts: (context) =>
      Promise.resolve([
        modelRegistryPart(context, bundle),
        grpcPart(context, config.GRPC_HOST, config.GRPC_PORT, { windows, classifier, fft }),
      ]),
    createDefinition: ({ namespace }) => Promise.resolve(createPipeline(namespace, windows, classifier)),
  });
};

await main().catch(orExit);
