import { loadConfig } from '@earshot/nest/config';
import { orExit, runService } from '@earshot/nest/service';
import { fleetConfig } from './config.js';
import { createFleet } from './pipeline.js';

const run = async (): Promise<void> => {
  const config = loadConfig(fleetConfig, process.env);
  await runService({
    name: 'fleet',
    config,
    parts: async (context) => {
      const fleet = await createFleet(context, {
        grpcHost: config.GRPC_HOST,
        grpcPort: config.GRPC_PORT,
        silentAfterS: config.SILENT_AFTER_S,
        nowUs: () => Date.now() * 1000,
      });
      return fleet.parts;
    },
  });
};

await run().catch(orExit);
