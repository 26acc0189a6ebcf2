import { tasks, type ModelKey, type Task } from './models.js';
import type { RoleHistory } from './roles.js';

/** Who does what of one task. */
export interface TaskRoles {
  /** null: none. */
  readonly live: ModelKey | null;
  readonly shadow: readonly ModelKey[];
}

/** A complete picture of the ledger: in force for sound from `effectiveFromUs` on, until the next picture. */
export interface LedgerPicture {
  /** Grows by one with every picture. */
  readonly revision: number;
  readonly effectiveFromUs: number;
  /** What was done: a rollback takes back the latest change of the live model that was not taken back yet. */
  readonly action: 'start' | 'promote' | 'rollback' | 'shadow';
  readonly roles: Readonly<Record<Task, TaskRoles>>;
}

export const nobody: TaskRoles = { live: null, shadow: [] };

/** All models that a picture names. */
export const modelsInPicture = ({ roles }: LedgerPicture): readonly ModelKey[] =>
  tasks.flatMap((task) => [...(roles[task].live === null ? [] : [roles[task].live]), ...roles[task].shadow]);

/**
 * The roles of one task over time, of installed models only. Where the live model of a picture is not installed any more (an
 * upgrade replaced it) the next one that is stands in, or, when none follows, the one before.
 */
export const roleHistoryOf = (
  ledger: readonly LedgerPicture[],
  task: Task,
  isInstalled: (key: ModelKey) => boolean,
): RoleHistory => {
  const usable = (key: ModelKey | null): key is ModelKey => key !== null && isInstalled(key);
  return ledger.map(({ effectiveFromUs, roles }, index) => {
    const { live, shadow } = roles[task];
    const after = ledger.slice(index).find((one) => usable(one.roles[task].live));
    const before = ledger.slice(0, index).findLast((one) => usable(one.roles[task].live));
    const standIn = live === null ? null : ((after ?? before)?.roles[task].live ?? null);
    return { effectiveFromUs, live: standIn, shadow: shadow.filter((key) => key !== standIn && isInstalled(key)) };
  });
};

/** Makes a model live. The one before it goes to shadow when asked, else it has no role any more. */
export const promoted = (before: TaskRoles, key: ModelKey, keepInShadow: boolean): TaskRoles => {
  const others = before.shadow.filter((one) => one !== key);
  const kept = keepInShadow && before.live !== null && before.live !== key ? [before.live] : [];
  return { live: key, shadow: [...others, ...kept] };
};

/** Puts a model into shadow, or takes it out. */
export const shadowed = (before: TaskRoles, key: ModelKey, isOn: boolean): TaskRoles => {
  const others = before.shadow.filter((one) => one !== key);
  return { ...before, shadow: isOn && before.live !== key ? [...others, key] : others };
};

/** The model that was live before the present one, by the changes that were not taken back yet; undefined: none was. */
export const previousLive = (ledger: readonly LedgerPicture[], task: Task): ModelKey | undefined => {
  const lives: (ModelKey | null)[] = [];
  for (const { action, roles } of ledger) {
    const { live } = roles[task];
    if (live === lives.at(-1)) continue;
    if (action === 'rollback' && lives.at(-2) === live) lives.pop();
    else lives.push(live);
  }
  return lives.at(-2) ?? undefined;
};
