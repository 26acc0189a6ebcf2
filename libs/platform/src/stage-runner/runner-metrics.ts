import { Counter, Gauge, Histogram, type Registry } from '../telemetry/index.js';

/** What every stage and sink tells about itself; the registry adds the service's name. */
export const createRunnerMetrics = (
  registry: Registry,
  sample: () => { readonly records: number; readonly seconds: number; readonly keys: number },
) => ({
  records: new Counter({
    name: 'earshot_stage_records_total',
    help: 'Records read, by input topic',
    labelNames: ['topic'],
    registers: [registry],
  }),
  outcomes: new Counter({
    name: 'earshot_stage_outcomes_total',
    help: 'What became of records: emit, drop or dlq, with the reason',
    labelNames: ['kind', 'reason'],
    registers: [registry],
  }),
  outputs: new Counter({
    name: 'earshot_stage_outputs_total',
    help: 'Records written, by topic',
    labelNames: ['topic'],
    registers: [registry],
  }),
  stepSeconds: new Histogram({
    name: 'earshot_stage_step_seconds',
    help: 'Time of the pure step over one slice of a batch',
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
    registers: [registry],
  }),
  batchRecords: new Histogram({
    name: 'earshot_stage_batch_records',
    help: 'Records in one batch',
    buckets: [1, 3, 10, 30, 100, 300, 1000],
    registers: [registry],
  }),
  snapshotBytes: new Counter({
    name: 'earshot_stage_snapshot_bytes_total',
    help: 'State written to the state topic',
    registers: [registry],
  }),
  stateKeys: new Gauge({
    name: 'earshot_stage_state_keys',
    help: 'Keys with state in memory',
    registers: [registry],
    collect() {
      this.set(sample().keys);
    },
  }),
  lagRecords: new Gauge({
    name: 'earshot_stage_lag_records',
    help: 'Records not processed yet, over the assigned partitions',
    registers: [registry],
    collect() {
      this.set(sample().records);
    },
  }),
  lagSeconds: new Gauge({
    name: 'earshot_stage_lag_seconds',
    help: 'Age of the oldest record not processed yet; 0 when caught up',
    registers: [registry],
    collect() {
      this.set(sample().seconds);
    },
  }),
  restores: new Counter({
    name: 'earshot_stage_restores_total',
    help: 'Partitions whose state was restored',
    registers: [registry],
  }),
});

export type RunnerMetrics = ReturnType<typeof createRunnerMetrics>;
