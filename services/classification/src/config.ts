import { baseConfig, portSetting } from '@earshot/nest/config';
import { z } from 'zod';

export const classificationConfig = baseConfig.extend({
  /** Interface that gRPC listens on: who may reach it is decided by the network. */
  GRPC_HOST: z.string().min(1).default('0.0.0.0'),
  GRPC_PORT: portSetting.default(50_053),
  /** Directories of the bundles that are live, relative to the working directory: the classifier's and the sequence model's. */
  MODEL_BUNDLE: z.string().min(1).default('models/bundles/esc10-cnn'),
  SEQUENCE_BUNDLE: z.string().min(1).default('models/bundles/esc10-crnn'),
});

export type ClassificationConfig = z.infer<typeof classificationConfig>;
