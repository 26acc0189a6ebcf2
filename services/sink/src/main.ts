import { loadConfig } from '@earshot/nest/config';
import { runService } from '@earshot/nest/service';
import { createClickHouse } from '@earshot/platform/clickhouse';
import { SinkRunner } from '@earshot/platform/stage-runner';

import { Aggregator } from './aggregates/aggregator.js';
import { sinkConfig } from './config.js';
import { createSink } from './pipeline.js';
import { createSchemaPart } from './schema/schema-part.js';

const config = loadConfig(sinkConfig, process.env);

await runService({
  name: 'sink',
  config,
  parts: async ({ kafka, producer, logger, registry, namespace }) => {
    const access = { url: config.CLICKHOUSE_URL, username: config.CLICKHOUSE_USER, password: config.CLICKHOUSE_PASSWORD };
    const clickhouse = createClickHouse({ ...access, database: config.CLICKHOUSE_DATABASE });
    const server = createClickHouse({ ...access, database: 'default' });
    const retention = {
      levelsDays: config.LEVELS_RETENTION_DAYS,
      classificationsDays: config.CLASSIFICATIONS_RETENTION_DAYS,
      eventsDays: config.EVENTS_RETENTION_DAYS,
      anomaliesDays: config.ANOMALIES_RETENTION_DAYS,
      alertsDays: config.ALERTS_RETENTION_DAYS,
      windowsDays: config.WINDOWS_RETENTION_DAYS,
    };
    const schema = createSchemaPart(server, clickhouse, retention, logger, (error) => {
      logger.fatal({ err: error }, 'the schema can not be used');
      process.exit(1);
    });
    const aggregator = new Aggregator({
      clickhouse,
      schemaReady: schema.whenReady,
      logger,
      registry,
      staleScanHours: config.STALE_SCAN_HOURS,
    });
    const sink = createSink({
      clickhouse,
      aggregator,
      schemaReady: schema.whenReady,
      namespace,
      lingerMs: config.SINK_LINGER_MS,
      registry,
    });
    const runner = new SinkRunner(sink, { kafka, producer: await producer(), namespace, logger, registry });
    return [schema, aggregator, runner];
  },
});
