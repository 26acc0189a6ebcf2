import { baseConfig, portSetting } from '@earshot/nest/config';
import { z } from 'zod';

export const alertingConfig = baseConfig.extend({
  /** Interface that gRPC listens on: who may reach it is decided by the network. */
  GRPC_HOST: z.string().min(1).default('0.0.0.0'),
  GRPC_PORT: portSetting.default(50_054),
  /** A rule takes effect this long after it was put, seconds: every instance has it by then. */
  RULE_LEAD_S: z.coerce.number().min(0).max(600).default(5),
  /** Whether webhooks may go to loopback, link-local and private addresses. Who may put rules can reach these then. */
  WEBHOOK_ALLOW_PRIVATE: z
    .enum(['true', 'false'])
    .default('false')
    .transform((word) => word === 'true'),
});

export type AlertingConfig = z.infer<typeof alertingConfig>;
