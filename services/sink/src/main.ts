import { loadConfig } from '@earshot/nest/config';
import { orExit, runService, type ServiceContext, type ServicePart } from '@earshot/nest/service';
import { createClickHouse } from '@earshot/platform/clickhouse';
import { SinkRunner } from '@earshot/platform/stage-runner';

import { Aggregator } from './aggregates/aggregator.js';
import { Corrector } from './calibrations/corrector.js';
import { createLedger } from './calibrations/ledger.js';
import { sinkConfig, type SinkConfig } from './config.js';
import { createSink } from './pipeline.js';
import { createRegistryViews } from './registry/registry-views.js';
import { createSettingsTable } from './registry/sensor-settings.js';
import { createSchemaPart } from './schema/schema-part.js';

const partsOf = async (config: SinkConfig, context: ServiceContext): Promise<readonly ServicePart[]> => {
  const { kafka, logger, registry, namespace } = context;
  const access = { url: config.CLICKHOUSE_URL, username: config.CLICKHOUSE_USER, password: config.CLICKHOUSE_PASSWORD };
  const clickhouse = createClickHouse({ ...access, database: config.CLICKHOUSE_DATABASE });
  const server = createClickHouse({ ...access, database: 'default' });
  const retention = {
    levelsDays: config.LEVELS_RETENTION_DAYS,
    classificationsDays: config.CLASSIFICATIONS_RETENTION_DAYS,
    eventsDays: config.EVENTS_RETENTION_DAYS,
    anomaliesDays: config.ANOMALIES_RETENTION_DAYS,
    alertsDays: config.ALERTS_RETENTION_DAYS,
    reviewsDays: config.REVIEWS_RETENTION_DAYS,
    windowsDays: config.WINDOWS_RETENTION_DAYS,
  };
  const schema = createSchemaPart(server, clickhouse, retention, logger, (error) => {
    logger.fatal({ err: error }, 'The schema can not be used');
    process.exit(1);
  });
  const { STALE_SCAN_HOURS: staleScanHours, SINK_LINGER_MS: lingerMs } = config;
  const ledger = createLedger();
  const settings = createSettingsTable();
  const views = createRegistryViews({
    kafka,
    namespace,
    logger,
    onCalibration: (calibration) => {
      ledger.put(calibration);
      corrector.learn(calibration);
    },
    onSensor: (key, sensor) => {
      settings.put(key, sensor);
      if (sensor !== undefined && views.isReady()) aggregator.touchDays(sensor.tenantId, sensor.sensorId);
    },
  });
  const ready = Promise.all([schema.whenReady, views.whenReady]);
  const aggregator = new Aggregator({ clickhouse, ready, settings, logger, registry, staleScanHours });
  const { definition, writesSettled } = createSink({
    clickhouse,
    aggregator,
    ledger,
    ready,
    namespace,
    lingerMs,
    registry,
  });
  const corrector = new Corrector({
    clickhouse,
    ledger,
    ready,
    writesSettled,
    recompute: (sensor, fromS, toS) => aggregator.recomputeRange(sensor, fromS, toS),
    logger,
    registry,
    recheckHours: staleScanHours,
  });
  const runner = new SinkRunner(definition, { kafka, producer: await context.producer(), namespace, logger, registry });
  return [schema, views, aggregator, corrector, runner];
};

const start = (): Promise<void> => {
  const config = loadConfig(sinkConfig, process.env);
  return runService({ name: 'sink', config, parts: (context) => partsOf(config, context) });
};

await Promise.resolve().then(start).catch(orExit);
