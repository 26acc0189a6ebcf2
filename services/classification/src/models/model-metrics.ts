import type { ModelRoles } from '@earshot/contracts';
import type { InstalledModel } from '@earshot/core/classification';
import { Counter, Gauge, Histogram, type Registry } from '@earshot/platform/telemetry';

/** What running networks costs, by model, and who has which role. */
export const createModelMetrics = (registry: Registry) => {
  const labelNames = ['model'] as const;
  const rows = new Counter({
    name: 'earshot_model_rows_total',
    help: 'Windows and blocks that a model scored',
    labelNames,
    registers: [registry],
  });
  const batchRows = new Histogram({
    name: 'earshot_model_batch_rows',
    help: 'Windows or blocks that were asked together, over all sensors of a slice',
    labelNames,
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'earshot_model_seconds',
    help: 'From asking a model about a batch to its answer, waiting for its thread included',
    labelNames,
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
    registers: [registry],
  });
  const counted =
    <I, R>(model: string, predict: (inputs: readonly I[]) => Promise<readonly R[]>) =>
    async (inputs: readonly I[]): Promise<readonly R[]> => {
      const end = seconds.startTimer({ model });
      batchRows.observe({ model }, inputs.length);
      const answers = await predict(inputs);
      end();
      rows.inc({ model }, inputs.length);
      return answers;
    };
  return {
    /** latest: the latest picture of the ledger. */
    tellRoles: (latest: () => ModelRoles | undefined): void => {
      new Gauge({
        name: 'earshot_model_role',
        help: '1: the model has the role in the latest picture of the ledger',
        labelNames: ['model', 'task', 'role'],
        registers: [registry],
        collect() {
          this.reset();
          for (const { task, live, shadow } of latest()?.tasks ?? []) {
            if (live !== undefined) this.set({ model: `${live.modelId}@${live.version}`, task, role: 'live' }, 1);
            for (const one of shadow) this.set({ model: `${one.modelId}@${one.version}`, task, role: 'shadow' }, 1);
          }
        },
      });
    },
    /** The model, counted. */
    measured: (model: InstalledModel): InstalledModel => {
      const key = `${model.spec.modelId}@${model.spec.modelVersion}`;
      return 'classifier' in model
        ? { ...model, classifier: { predict: counted(key, model.classifier.predict.bind(model.classifier)) } }
        : { ...model, sequence: { predict: counted(key, model.sequence.predict.bind(model.sequence)) } };
    },
  };
};
