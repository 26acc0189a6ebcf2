import { modelKey, type ModelKey, type Task } from '@earshot/core/classification';
import { ConfigError, loadConfig } from '@earshot/nest/config';
import { orExit, type ServiceContext, type ServicePart } from '@earshot/nest/service';
import { runStageService } from '@earshot/nest/stage-service';
import { createRealFft } from '@earshot/platform/fft';
import { startGrpcServer, type GrpcService } from '@earshot/platform/grpc';
import { BundleError, loadBundleFor } from '@earshot/platform/onnx';
import { classificationService, MAX_CLIP_BYTES } from './classify-clip.js';
import { classificationConfig } from './config.js';
import { ModelHost } from './models/model-host.js';
import { createModelMetrics } from './models/model-metrics.js';
import { modelService } from './models/models-grpc.js';
import { createModels } from './models/models-part.js';
import { createPipeline } from './pipeline.js';

/** Room for the message around the clip, so that a clip that is too large is told so. */
const MESSAGE_BYTES = MAX_CLIP_BYTES + 1024 * 1024;

const grpcPart = (
  { logger }: ServiceContext,
  host: string,
  port: number,
  services: readonly GrpcService[],
): ServicePart => {
  let server: { stop(): Promise<void> } | undefined;
  return {
    name: 'grpc',
    start: async () => {
      server = await startGrpcServer({ host, port, services, logger, maxMessageBytes: MESSAGE_BYTES });
    },
    stop: async () => server?.stop(),
    ready: () => server !== undefined || 'gRPC does not listen yet',
  };
};

/** The model that a setting names. A bundle that can't be used is a wrong setting: told as such, without a stack. */
const modelOf = async (setting: string, task: Task, directory: string): Promise<ModelKey> => {
  try {
    const { manifest, network } = await loadBundleFor(task, directory);
    await network.close();
    return modelKey(manifest.id, manifest.version);
  } catch (error) {
    throw error instanceof BundleError ? new ConfigError(`${setting}: ${error.message}`, { cause: error }) : error;
  }
};

const main = async (): Promise<void> => {
  const config = loadConfig(classificationConfig, process.env);
  const configured = {
    'audio-classification': await modelOf('MODEL_BUNDLE', 'audio-classification', config.MODEL_BUNDLE),
    'audio-event-detection': await modelOf('SEQUENCE_BUNDLE', 'audio-event-detection', config.SEQUENCE_BUNDLE),
  };
  const fft = await createRealFft(1024);
  const createAll = async (context: ServiceContext) => {
    const metrics = createModelMetrics(context.registry);
    const host = new ModelHost({
      folder: config.MODELS_DIR,
      extra: [config.MODEL_BUNDLE, config.SEQUENCE_BUNDLE],
      logger: context.logger,
      measured: metrics.measured,
    });
    const models = await createModels(context, { host, configured, leadUs: config.PROMOTION_LEAD_S * 1e6 });
    metrics.tellRoles(() => models.desk.ledger.at(-1));
    return { ...models, host };
  };
  let made: ReturnType<typeof createAll> | undefined;
  const all = (context: ServiceContext) => (made ??= createAll(context));
  await runStageService({
    name: 'classification',
    config,
    parts: async (context) => {
      const { desk, part, host } = await all(context);
      const clips = classificationService({ live: () => desk.liveNow('audio-classification'), fft });
      return [part, grpcPart(context, config.GRPC_HOST, config.GRPC_PORT, [clips, modelService(desk, host)])];
    },
    createDefinition: async (context) => {
      const { desk } = await all(context);
      return createPipeline(context.namespace, {
        rolesOf: (task) => desk.rolesOf(task),
        model: (key) => desk.model(key),
      });
    },
  });
};

await main().catch(orExit);
