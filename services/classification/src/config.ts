import { baseConfig, portSetting } from '@earshot/nest/config';
import { z } from 'zod';

export const classificationConfig = baseConfig.extend({
  /** Interface that gRPC listens on: who may reach it is decided by the network. */
  GRPC_HOST: z.string().min(1).default('0.0.0.0'),
  GRPC_PORT: portSetting.default(50_053),
  /** Folder with one directory per installed bundle, relative to the working directory. */
  MODELS_DIR: z.string().min(1).default('models/bundles'),
  /** Directories of the bundles that are live until somebody promotes others: the classifier's and the sequence model's. */
  MODEL_BUNDLE: z.string().min(1).default('models/bundles/esc10-cnn'),
  SEQUENCE_BUNDLE: z.string().min(1).default('models/bundles/esc10-crnn'),
  /** How long after it was asked for a change of roles takes effect, in event time: every instance has to know it by then. */
  PROMOTION_LEAD_S: z.coerce.number().min(0.5).max(600).default(5),
});

export type ClassificationConfig = z.infer<typeof classificationConfig>;
