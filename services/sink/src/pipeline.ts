import { topicName } from '@earshot/contracts';
import type { ClickHouse } from '@earshot/platform/clickhouse';
import type { SinkDefinition } from '@earshot/platform/stage-runner';
import { Counter, type Registry } from '@earshot/platform/telemetry';

import type { Aggregator } from './aggregates/aggregator.js';
import type { Ledger } from './calibrations/ledger.js';
import {
  decodeAlert,
  decodeAnomaly,
  decodeClassification,
  decodeEvent,
  decodeLevels,
  decodeReview,
} from './rows/decode.js';
import type { StoredRow } from './rows/stored-row.js';
import { createFreshness } from './freshness.js';
import { writeRows } from './write-rows.js';

export interface SinkDeps {
  readonly clickhouse: ClickHouse;
  readonly aggregator: Pick<Aggregator, 'touch' | 'lookForStale'>;
  readonly ledger: Pick<Ledger, 'at'>;
  /** Resolves when the tables are there and the ledger is complete. */
  readonly ready: Promise<unknown>;
  readonly namespace: string;
  readonly lingerMs: number;
  readonly registry: Registry;
}

export interface Sink {
  readonly definition: SinkDefinition<StoredRow>;
  /** Resolves when the write under way now has ended, either way. */
  readonly writesSettled: () => Promise<void>;
}

/**
 * levels, classifications, events, anomalies, alerts, reviews → one rows table each → window aggregates.
 *
 * A batch becomes one insert per table, each natural key once; only then are its offsets committed. A replay writes rows
 * that are already there: the public views show each once. Levels that an older calibration made are shifted to the one in force
 * by the ledger as it is when the write begins. Rows of levels, classifications and events mark their
 * windows, which the aggregator recomputes from what is stored.
 */
export const createSink = (deps: SinkDeps): Sink => {
  const written = new Counter({
    name: 'earshot_sink_rows_written_total',
    help: 'Rows stored, replays included',
    labelNames: ['table'],
    registers: [deps.registry],
  });
  const tellAge = createFreshness(deps.registry);
  const inForce = (row: StoredRow): StoredRow => {
    const { touch, calibrated } = row;
    if (touch === undefined || calibrated === undefined) return row;
    const calibration = deps.ledger.at(touch.tenantId, touch.sensorId, touch.timeUs);
    return calibration === undefined ? row : calibrated(calibration);
  };
  const write = async (rows: readonly StoredRow[]): Promise<void> => {
    const blocks = await writeRows(deps.clickhouse, rows.map(inForce));
    for (const block of blocks) written.inc({ table: block.table }, block.rows.length);
    tellAge(rows);
    deps.aggregator.touch(rows.flatMap(({ touch }) => touch ?? []));
  };
  let underWay: Promise<unknown> = Promise.resolve();
  const definition: SinkDefinition<StoredRow> = {
    name: 'sink',
    inputs: [
      { topic: topicName('levels', deps.namespace), decode: decodeLevels },
      { topic: topicName('classifications', deps.namespace), decode: decodeClassification },
      { topic: topicName('events', deps.namespace), decode: decodeEvent },
      { topic: topicName('anomalies', deps.namespace), decode: decodeAnomaly },
      { topic: topicName('alerts', deps.namespace), decode: decodeAlert },
      { topic: topicName('reviews', deps.namespace), decode: decodeReview },
    ],
    maxBatch: 20_000,
    lingerMs: deps.lingerMs,
    ready: async () => {
      await deps.ready;
    },
    onAssigned: () => {
      deps.aggregator.lookForStale();
    },
    write: (inputs) => {
      const work = write(inputs.map(({ input }) => input));
      underWay = work.catch(() => undefined);
      return work;
    },
  };
  return {
    definition,
    writesSettled: async () => {
      await underWay;
    },
  };
};
