import { loadConfig } from '@earshot/nest/config';
import { runService } from '@earshot/nest/service';
import { fleetConfig } from './config.js';
import { createFleet } from './pipeline.js';

const config = loadConfig(fleetConfig, process.env);

await runService({
  name: 'fleet',
  config,
  parts: async (context) => {
    const fleet = await createFleet(context, {
      grpcPort: config.GRPC_PORT,
      silentAfterS: config.SILENT_AFTER_S,
      nowUs: () => Date.now() * 1000,
    });
    return [...fleet.parts];
  },
});
