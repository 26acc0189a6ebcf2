import { baseConfig, portSetting } from '@earshot/nest/config';
import { z } from 'zod';

export const fleetConfig = baseConfig.extend({
  /** Interface that gRPC listens on: who may reach it is decided by the network. */
  GRPC_HOST: z.string().min(1).default('0.0.0.0'),
  GRPC_PORT: portSetting.default(50_052),
  /** A sensor without levels for this long, seconds, is silent and offline. */
  SILENT_AFTER_S: z.coerce.number().min(2).max(3600).default(15),
});

export type FleetConfig = z.infer<typeof fleetConfig>;
