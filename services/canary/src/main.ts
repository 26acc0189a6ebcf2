import { loadConfig } from '@earshot/nest/config';
import { orExit, runService, type ServicePart } from '@earshot/nest/service';
import { CanaryApi } from './api.js';
import { Canary } from './canary.js';
import { canaryConfig } from './config.js';
import { createCanaryMetrics } from './metrics.js';

const main = async (): Promise<void> => {
  const config = loadConfig(canaryConfig, process.env);
  await runService({
    name: 'canary',
    config,
    parts: ({ logger, registry }) => {
      const canary = new Canary({
        api: new CanaryApi(config.API_URL, config.API_KEY_FILE, config.SENSOR_ID),
        metrics: createCanaryMetrics(registry),
        logger,
        levelDb: config.LEVEL_DB,
        toleranceDb: config.TOLERANCE_DB,
        timeoutS: config.TIMEOUT_S,
      });
      const part: ServicePart = {
        name: 'canary',
        start: () => {
          canary.start();
          return Promise.resolve();
        },
        stop: () => canary.stop(),
        ready: () => canary.ready(),
      };
      return Promise.resolve([part]);
    },
  });
};

await main().catch(orExit);
