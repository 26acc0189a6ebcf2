import { loadConfig } from '@earshot/nest/config';
import { orExit } from '@earshot/nest/service';
import { runStageService } from '@earshot/nest/stage-service';
import { anomalyDetectionConfig } from './config.js';
import { createAnomalyDetection } from './pipeline.js';

const run = async (): Promise<void> => {
  const config = loadConfig(anomalyDetectionConfig, process.env);
  await runStageService({
    name: 'anomaly-detection',
    config,
    createDefinition: ({ namespace }) =>
      Promise.resolve(
        createAnomalyDetection(
          {
            warmUpS: config.WARMUP_S,
            intervalS: config.INTERVAL_S,
            raiseAfterS: config.RAISE_AFTER_S,
            clearAfterS: config.CLEAR_AFTER_S,
            adaptS: config.ADAPT_S,
          },
          namespace,
        ),
      ),
  });
};

await run().catch(orExit);
