import { ModelRoles, topicName, type ModelRef, type TaskRoles as TaskRolesMessage } from '@earshot/contracts';
import { modelKey, tasks, type LedgerPicture, type ModelKey, type Task, type TaskRoles } from '@earshot/core/classification';
import { sleep, type RecordProducer, type TopicView } from '@earshot/platform/kafka';

/** Roles are of all tenants. */
const TENANT = '_';
/** All pictures stand in one partition, so that they have one order. */
const PARTITION = 0;

/** A picture as it stands in the topic; kafkaOffset orders what was written at the same time. */
export interface StoredPicture {
  readonly message: ModelRoles;
  readonly kafkaOffset: number;
}

export type LedgerView = Pick<TopicView<StoredPicture>, 'entries' | 'ready' | 'isReady'>;

export const refOf = (key: ModelKey): ModelRef => {
  const at = key.lastIndexOf('@');
  return { modelId: key.slice(0, at), version: key.slice(at + 1) };
};
const keyOf = ({ modelId, version }: ModelRef): ModelKey => modelKey(modelId, version);

const rolesIn = (message: readonly TaskRolesMessage[], task: Task): TaskRoles => {
  const found = message.find((one) => one.task === task);
  return { live: found?.live === undefined ? null : keyOf(found.live), shadow: found?.shadow.map(keyOf) ?? [] };
};

const actions = ['start', 'promote', 'rollback', 'shadow'] as const;

export const toPicture = (message: ModelRoles): LedgerPicture => ({
  revision: message.revision,
  effectiveFromUs: message.effectiveFromUs,
  // What a newer version may have done more counts as a promotion: roles are what they are.
  action: actions.find((action) => action === message.action) ?? 'promote',
  roles: {
    'audio-classification': rolesIn(message.tasks, 'audio-classification'),
    'audio-event-detection': rolesIn(message.tasks, 'audio-event-detection'),
  },
});

export const rolesMessage = (roles: LedgerPicture['roles']): TaskRolesMessage[] =>
  tasks.map((task) => {
    const { live, shadow } = roles[task];
    return { task, live: live === null ? undefined : refOf(live), shadow: shadow.map(refOf) };
  });

/** Of two pictures with one revision the one that was written first counts. */
const counted = (view: Pick<LedgerView, 'entries'>): ReadonlyMap<number, StoredPicture & { readonly key: string }> => {
  const first = new Map<number, StoredPicture & { readonly key: string }>();
  for (const [key, stored] of view.entries()) {
    const other = first.get(stored.message.revision);
    if (other === undefined || stored.kafkaOffset < other.kafkaOffset)
      first.set(stored.message.revision, { ...stored, key });
  }
  return first;
};

/** Oldest first. */
export const orderedPictures = (view: Pick<LedgerView, 'entries'>): readonly ModelRoles[] =>
  [...counted(view).values()].map(({ message }) => message).sort((a, b) => a.revision - b.revision);

/** Another instance wrote a picture of the same revision first. */
export class LedgerConflictError extends Error {
  override readonly name = 'LedgerConflictError';
}

const ANSWER_MS = 10_000;
const POLL_MS = 20;

export type NewPicture = Omit<ModelRoles, 'tenantId' | 'revision' | 'createdUs'>;

/**
 * Appends a picture after those that are known, and waits until it stands in the ledger.
 * @throws LedgerConflictError when another picture came first: nothing was changed by this one.
 */
export const appendPicture = async (
  context: { readonly producer: RecordProducer; readonly namespace: string; readonly view: LedgerView },
  picture: NewPicture,
  id: string,
  createdUs: number,
): Promise<ModelRoles> => {
  const { producer, namespace, view } = context;
  const revision = (orderedPictures(view).at(-1)?.revision ?? 0) + 1;
  const message: ModelRoles = { ...picture, tenantId: TENANT, revision, createdUs };
  const key = `${TENANT}/${revision}/${id}`;
  const topic = topicName('modelRoles', namespace);
  await producer.send([{ topic, partition: PARTITION, key, value: ModelRoles.encode(message).finish() }]);
  for (let waitedMs = 0; waitedMs < ANSWER_MS; waitedMs += POLL_MS) {
    const stored = [...view.entries()].some(([one]) => one === key);
    if (stored && counted(view).get(revision)?.key === key) return message;
    if (stored) throw new LedgerConflictError(`Somebody else made picture ${revision} of the roles at the same time`);
    await sleep(POLL_MS);
  }
  throw new Error(`Picture ${revision} of the roles was written, but not read back within ${ANSWER_MS / 1000} s`);
};
