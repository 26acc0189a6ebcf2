import { Model, topicName } from '@earshot/contracts';
import { canonicalFrontEnd, hopSpanMs, modelKey, STEP_FRAMES, windowSpanMs } from '@earshot/core/classification';
import type { ServiceContext, ServicePart } from '@earshot/nest/service';
import { readToEnd, retryForever, type IncomingRecord, type OutgoingRecord } from '@earshot/platform/kafka';
import type { ModelBundle } from '@earshot/platform/onnx';

/** Models serve all tenants. */
const TENANT = '_';

export const keyOfModel = ({ modelId, version }: Model): string => `${TENANT}/${modelKey(modelId, version)}`;

/** The bundle's record in the models topic. */
export const describeModel = ({ manifest, manifestJson }: ModelBundle, effectiveFromUs: number): Model => {
  const [frames, hopFrames] =
    manifest.task === 'audio-classification'
      ? [manifest.window.frames, manifest.window.hopFrames]
      : [STEP_FRAMES, STEP_FRAMES];
  return {
    tenantId: TENANT,
    modelId: manifest.id,
    version: manifest.version,
    task: manifest.task,
    labels: [...manifest.labels],
    frontEndId: canonicalFrontEnd.id,
    windowMs:
      manifest.task === 'audio-classification'
        ? windowSpanMs(canonicalFrontEnd, frames)
        : hopSpanMs(canonicalFrontEnd, frames),
    hopMs: hopSpanMs(canonicalFrontEnd, hopFrames),
    role: 'live',
    effectiveFromUs,
    manifestJson,
  };
};

/**
 * What is to be written so that these models are the live ones: nothing of one that is already (its effective date stays);
 * other live models become `retired`.
 */
export const promote = (known: readonly Model[], models: readonly Model[]): readonly Model[] => {
  const isWanted = (other: Model) => models.some((model) => keyOfModel(model) === keyOfModel(other));
  const retired = known
    .filter((other) => !isWanted(other) && other.role === 'live')
    .map((other) => ({ ...other, role: 'retired' }));
  const changed = models.filter((model) => {
    const inForce = known.find((other) => keyOfModel(other) === keyOfModel(model));
    return inForce === undefined || !isSame(inForce, model);
  });
  return [...retired, ...changed];
};

/** But for the effective date. */
const isSame = (a: Model, b: Model): boolean => {
  const [one, other] = [a, b].map((model) => Model.encode({ ...model, effectiveFromUs: 0 }).finish());
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
};

type RegistryContext = Pick<ServiceContext, 'kafka' | 'logger' | 'namespace' | 'producer'>;

/** Makes the bundles the live models in the models topic. */
export const publishModels = async (
  context: RegistryContext,
  bundles: readonly ModelBundle[],
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
  const models = bundles.map((bundle) => describeModel(bundle, Date.now() * 1000));
  const records = promote([...known.values()], models).map((model): OutgoingRecord => ({
    topic,
    key: keyOfModel(model),
    value: Model.encode(model).finish(),
  }));
  if (records.length > 0) await producer.send(records);
  for (const { modelId, version, task } of models)
    context.logger.info({ model: modelId, version, task }, 'Model is live');
};

/** Publishes the bundles before anything is scored with them: whoever reads what a model said can know the model. */
export const modelRegistryPart = (context: RegistryContext, bundles: readonly ModelBundle[]): ServicePart => {
  let stopped = false;
  return {
    name: 'model registry',
    start: () => publishModels(context, bundles, () => stopped),
    stop: () => {
      stopped = true;
      return Promise.resolve();
    },
  };
};
