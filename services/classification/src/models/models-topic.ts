import { Model, topicName, type ModelRoles } from '@earshot/contracts';
import { canonicalFrontEnd, hopSpanMs, modelKey, STEP_FRAMES, windowSpanMs, type ModelKey } from '@earshot/core/classification';
import { readToEnd, type IncomingRecord, type Kafka, type OutgoingRecord, type RecordProducer } from '@earshot/platform/kafka';
import type { BundleFiles } from '@earshot/platform/onnx';
import type { Logger } from '@earshot/platform/telemetry';

/** Models serve all tenants. */
const TENANT = '_';

export const recordKeyOf = ({ modelId, version }: Pick<Model, 'modelId' | 'version'>): string =>
  `${TENANT}/${modelKey(modelId, version)}`;

/** A model's role in the latest picture, and since when it has it; null: in no picture since the latest change. */
export const roleOf = (
  pictures: readonly ModelRoles[],
  key: ModelKey,
): { readonly role: 'live' | 'shadow'; readonly sinceUs: number } | null => {
  const roleIn = (picture: ModelRoles | undefined) => {
    const named = (ref: { modelId: string; version: string } | undefined) =>
      ref !== undefined && modelKey(ref.modelId, ref.version) === key;
    if (picture?.tasks.some(({ live }) => named(live)) === true) return 'live';
    return picture?.tasks.some(({ shadow }) => shadow.some(named)) === true ? 'shadow' : null;
  };
  const role = roleIn(pictures.at(-1));
  if (role === null) return null;
  const other = pictures.findLastIndex((picture) => roleIn(picture) !== role);
  const since = pictures[other + 1];
  // The first picture is in force from the beginning of time.
  return { role, sinceUs: since === undefined ? 0 : since.effectiveFromUs || since.createdUs };
};

/** The bundle's record in the models topic. nowUs: since when it has no role, if it has none. */
export const describeModel = (
  { manifest, manifestJson }: Pick<BundleFiles, 'manifest' | 'manifestJson'>,
  pictures: readonly ModelRoles[],
  nowUs: number,
): Model => {
  const [windowMs, hopFrames] =
    manifest.task === 'audio-classification'
      ? [windowSpanMs(canonicalFrontEnd, manifest.window.frames), manifest.window.hopFrames]
      : [hopSpanMs(canonicalFrontEnd, STEP_FRAMES), STEP_FRAMES];
  const inForce = roleOf(pictures, modelKey(manifest.id, manifest.version));
  return {
    tenantId: TENANT,
    modelId: manifest.id,
    version: manifest.version,
    task: manifest.task,
    labels: [...manifest.labels],
    frontEndId: canonicalFrontEnd.id,
    windowMs,
    hopMs: hopSpanMs(canonicalFrontEnd, hopFrames),
    role: inForce?.role ?? 'installed',
    effectiveFromUs: inForce?.sinceUs ?? nowUs,
    manifestJson,
  };
};

/**
 * What is to be written so that the topic says what is installed: nothing of what it says already (a date alone is no
 * change); what is there and not installed any more becomes `retired`. Records under keys without a version are of the
 * release before and stay as they are: its readers may still be there.
 */
export const changesOf = (known: ReadonlyMap<string, Model>, installed: readonly Model[], nowUs: number): readonly Model[] => {
  const isInstalled = (key: string) => installed.some((model) => recordKeyOf(model) === key);
  const retired = [...known]
    .filter(([key, model]) => key === recordKeyOf(model) && !isInstalled(key) && model.role !== 'retired')
    .map(([, model]) => ({ ...model, role: 'retired', effectiveFromUs: nowUs }));
  const changed = installed.filter((model) => {
    const before = known.get(recordKeyOf(model));
    return before === undefined || !isSame(before, model);
  });
  return [...retired, ...changed];
};

const isSame = (a: Model, b: Model): boolean => {
  const [one, other] = [a, b].map((model) => Model.encode({ ...model, effectiveFromUs: 0 }).finish());
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
};

export interface ModelsTopicContext {
  readonly kafka: Kafka;
  readonly namespace: string;
  readonly logger: Logger;
  readonly producer: RecordProducer;
}

/** Brings the models topic up to date. */
export const publishModels = async (
  { kafka, namespace, logger, producer }: ModelsTopicContext,
  installed: readonly Model[],
  nowUs: number,
): Promise<void> => {
  const topic = topicName('models', namespace);
  const known = new Map<string, Model>();
  const onRecord = ({ key, value }: IncomingRecord): void => {
    if (value === null) known.delete(key);
    else known.set(key, Model.decode(value));
  };
  await readToEnd(kafka, { topics: [topic], logger, onRecord });
  const records = changesOf(known, installed, nowUs).map(
    (model): OutgoingRecord => ({ topic, key: recordKeyOf(model), value: Model.encode(model).finish() }),
  );
  if (records.length > 0) await producer.send(records);
};
