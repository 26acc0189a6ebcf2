import { Model, topicName } from '@earshot/contracts';
import { canonicalFrontEnd, hopSpanMs, windowSpanMs } from '@earshot/core/classification';
import type { ServiceContext, ServicePart } from '@earshot/nest/service';
import { readToEnd, retryForever, type IncomingRecord, type OutgoingRecord } from '@earshot/platform/kafka';
import type { ModelBundle } from '@earshot/platform/onnx';

/** Models serve all tenants. */
const TENANT = '_';

/** The bundle's record in the models topic. */
export const describeModel = ({ manifest, manifestJson }: ModelBundle, effectiveFromUs: number): Model => ({
  tenantId: TENANT,
  modelId: manifest.id,
  version: manifest.version,
  task: manifest.task,
  labels: [...manifest.labels],
  frontEndId: canonicalFrontEnd.id,
  windowMs: windowSpanMs(canonicalFrontEnd, manifest.window.frames),
  hopMs: hopSpanMs(canonicalFrontEnd, manifest.window.hopFrames),
  role: 'live',
  effectiveFromUs,
  manifestJson,
});

/**
 * What is to be written so that this model is the live one: nothing when it is already (its effective date stays);
 * other live models become `retired`.
 */
export const promote = (known: readonly Model[], model: Model): readonly Model[] => {
  const isSame = (other: Model) => other.modelId === model.modelId;
  const retired = known
    .filter((other) => !isSame(other) && other.role === 'live')
    .map((other) => ({ ...other, role: 'retired' }));
  const inForce = known.find(isSame);
  const unchanged = inForce !== undefined && Model.encode({ ...inForce, effectiveFromUs: 0 }).finish();
  const wanted = Model.encode({ ...model, effectiveFromUs: 0 }).finish();
  return unchanged !== false && Buffer.compare(unchanged, wanted) === 0 ? retired : [...retired, model];
};

type RegistryContext = Pick<ServiceContext, 'kafka' | 'logger' | 'namespace' | 'producer'>;

/** Makes the bundle the live model in the models topic. */
export const publishModel = async (
  context: RegistryContext,
  bundle: ModelBundle,
  isStopped = (): boolean => false,
): Promise<void> => {
  // Waits until a broker answers.
  const producer = await context.producer();
  const topic = topicName('models', context.namespace);
  const known = new Map<string, Model>();
  const onRecord = ({ key, value }: IncomingRecord): void => {
    if (value === null) known.delete(key);
    else known.set(key, Model.decode(value));
  };
  await retryForever(topic, context.logger, isStopped, async () => {
    known.clear();
    await readToEnd(context.kafka, { topics: [topic], logger: context.logger, onRecord });
  });
  if (isStopped()) return;
  const records = promote([...known.values()], describeModel(bundle, Date.now() * 1000)).map(
    (model): OutgoingRecord => ({ topic, key: `${TENANT}/${model.modelId}`, value: Model.encode(model).finish() }),
  );
  if (records.length > 0) await producer.send(records);
  context.logger.info({ model: bundle.manifest.id, version: bundle.manifest.version }, 'Model is live');
};

/** Publishes the bundle before anything is classified with it: whoever reads a classification can know its model. */
export const modelRegistryPart = (context: RegistryContext, bundle: ModelBundle): ServicePart => {
  let stopped = false;
  return {
    name: 'model registry',
    start: () => publishModel(context, bundle, () => stopped),
    stop: () => {
      stopped = true;
      return Promise.resolve();
    },
  };
};
