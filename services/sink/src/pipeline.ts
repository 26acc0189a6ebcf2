import { topicName } from '@earshot/contracts';
import type { ClickHouse } from '@earshot/platform/clickhouse';
import type { SinkDefinition } from '@earshot/platform/stage-runner';
import { Counter, type Registry } from '@earshot/platform/telemetry';

import type { Aggregator } from './aggregates/aggregator.js';
import { decodeAlert, decodeAnomaly, decodeClassification, decodeEvent, decodeLevels } from './rows/decode.js';
import type { StoredRow } from './rows/stored-row.js';
import { writeRows } from './write-rows.js';

export interface SinkDeps {
  readonly clickhouse: ClickHouse;
  readonly aggregator: Pick<Aggregator, 'touch'>;
  readonly schemaReady: Promise<void>;
  readonly namespace: string;
  readonly lingerMs: number;
  readonly registry: Registry;
}

/**
 * levels, classifications, events, anomalies, alerts → one rows table each → window aggregates.
 *
 * A batch becomes one insert per table, each natural key once; only then are its offsets committed. A replay writes rows
 * that are already there: the public views show each once. Rows of levels, classifications and events mark their
 * windows, which the aggregator recomputes from what is stored.
 */
export const createSink = (deps: SinkDeps): SinkDefinition<StoredRow> => {
  const written = new Counter({
    name: 'earshot_sink_rows_written_total',
    help: 'Rows stored, replays included',
    labelNames: ['table'],
    registers: [deps.registry],
  });
  return {
    name: 'sink',
    inputs: [
      { topic: topicName('levels', deps.namespace), decode: decodeLevels },
      { topic: topicName('classifications', deps.namespace), decode: decodeClassification },
      { topic: topicName('events', deps.namespace), decode: decodeEvent },
      { topic: topicName('anomalies', deps.namespace), decode: decodeAnomaly },
      { topic: topicName('alerts', deps.namespace), decode: decodeAlert },
    ],
    maxBatch: 20_000,
    lingerMs: deps.lingerMs,
    ready: () => deps.schemaReady,
    write: async (inputs) => {
      const blocks = await writeRows(
        deps.clickhouse,
        inputs.map(({ input }) => input),
      );
      for (const block of blocks) written.inc({ table: block.table }, block.rows.length);
      deps.aggregator.touch(inputs.flatMap(({ input }) => input.touch ?? []));
    },
  };
};
