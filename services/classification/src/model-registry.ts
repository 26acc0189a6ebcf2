import { Model, topicName } from '@earshot/contracts';
import { canonicalFrontEnd, hopSpanMs, windowSpanMs } from '@earshot/core/classification';
import type { ServiceContext, ServicePart } from '@earshot/nest/service';
import { createTopicView, type OutgoingRecord } from '@earshot/platform/kafka';
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

/** Publishes the bundle before anything is classified with it: whoever reads a classification can know its model. */
export const modelRegistryPart = (context: ServiceContext, bundle: ModelBundle): ServicePart => ({
  name: 'model registry',
  start: async () => {
    const topic = topicName('models', context.namespace);
    const view = await createTopicView<Model>(context.kafka, {
      topic,
      decode: ({ value }) => (value === null ? null : Model.decode(value)),
      logger: context.logger,
    });
    await view.ready;
    const known = [...view.entries()].map(([, model]) => model);
    await view.stop();
    const records = promote(known, describeModel(bundle, Date.now() * 1000)).map((model): OutgoingRecord => ({
      topic,
      key: `${TENANT}/${model.modelId}`,
      value: Model.encode(model).finish(),
    }));
    if (records.length > 0) await (await context.producer()).send(records);
    context.logger.info({ model: bundle.manifest.id, version: bundle.manifest.version }, 'Model is live');
  },
  stop: () => Promise.resolve(),
});
