import { ModelRoles, topicName, type ModelRef, type TaskRoles as TaskRolesMessage } from '@earshot/contracts';
import { modelKey, tasks, type LedgerPicture, type ModelKey, type Task, type TaskRoles } from '@earshot/core/classification';
import { sleep, type RecordProducer } from '@earshot/platform/kafka';
import { countedPictures, type LedgerView } from '@earshot/platform/records';

/** Roles are of all tenants. */
const TENANT = '_';
/** All pictures stand in one partition, so that they have one order. */
const PARTITION = 0;

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
  const revision = Math.max(0, ...countedPictures(view).keys()) + 1;
  const message: ModelRoles = { ...picture, tenantId: TENANT, revision, createdUs };
  const key = `${TENANT}/${revision}/${id}`;
  const topic = topicName('modelRoles', namespace);
  await producer.send([{ topic, partition: PARTITION, key, value: ModelRoles.encode(message).finish() }]);
  for (let waitedMs = 0; waitedMs < ANSWER_MS; waitedMs += POLL_MS) {
    const stored = [...view.entries()].some(([one]) => one === key);
    if (stored && countedPictures(view).get(revision)?.key === key) return message;
    if (stored) throw new LedgerConflictError(`Somebody else made picture ${revision} of the roles at the same time`);
    await sleep(POLL_MS);
  }
  throw new Error(`Picture ${revision} of the roles was written, but not read back within ${ANSWER_MS / 1000} s`);
};
