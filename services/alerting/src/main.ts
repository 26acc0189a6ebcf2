import { loadConfig } from '@earshot/nest/config';
import { orExit } from '@earshot/nest/service';
import { runStageService } from '@earshot/nest/stage-service';
import { alertingConfig } from './config.js';
import { createAlerting, type Alerting } from './pipeline.js';

const run = async (): Promise<void> => {
  const config = loadConfig(alertingConfig, process.env);
  let alerting: Promise<Alerting> | undefined;
  const create = (context: Parameters<typeof createAlerting>[0]): Promise<Alerting> =>
    (alerting ??= createAlerting(context, {
      grpcHost: config.GRPC_HOST,
      grpcPort: config.GRPC_PORT,
      ruleLeadS: config.RULE_LEAD_S,
      webhookAllowPrivate: config.WEBHOOK_ALLOW_PRIVATE,
    }));
  await runStageService({
    name: 'alerting',
    config,
    createDefinition: async (context) => (await create(context)).definition,
    parts: async (context) => (await create(context)).parts,
  });
};

await run().catch(orExit);
