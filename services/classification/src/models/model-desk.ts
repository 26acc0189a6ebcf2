import { randomUUID } from 'node:crypto';
import type { Model, ModelRoles } from '@earshot/contracts';
import {
  modelKey,
  modelsInPicture,
  nobody,
  previousLive,
  promoted,
  roleHistoryOf,
  shadowed,
  tasks,
  type InstalledModel,
  type LedgerPicture,
  type ModelKey,
  type RoleHistory,
  type Task,
  type TaskRoles,
} from '@earshot/core/classification';
import { BundleError } from '@earshot/platform/onnx';
import type { RecordProducer } from '@earshot/platform/kafka';
import { orderedPictures, type LedgerView } from '@earshot/platform/records';
import type { Logger } from '@earshot/platform/telemetry';
import type { ModelHost } from './model-host.js';
import { describeModel } from './models-topic.js';
import { appendPicture, rolesMessage, toPicture } from './role-ledger.js';

/** A change that can't be made; told to who asked. */
export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(
    readonly code: 'not_found' | 'not_usable' | 'nothing_to_do' | 'ambiguous',
    message: string,
  ) {
    super(message);
  }
}

export interface ModelDeskDeps {
  readonly host: ModelHost;
  readonly view: LedgerView;
  readonly namespace: string;
  readonly logger: Logger;
  /** How long before it takes effect a change is written, so that every instance knows it in time. */
  readonly leadUs: number;
  /** Microseconds since the Unix epoch. */
  readonly nowUs: () => number;
  readonly producer: () => Promise<RecordProducer>;
  /** Brings the models topic up to date. */
  readonly publish: (models: readonly Model[]) => Promise<void>;
}

export interface Performer {
  readonly performedBy: string;
  readonly note: string;
}

/** A network of a model that has lost its role rests only this long after, as sound may come late. */
const REST_AFTER_US = 60e6;

/**
 * Which models are installed here and who of them is in force when. The ledger decides; every instance follows it. A model
 * that is in force and not installed here is passed over (see `roleHistoryOf`) and told in the log.
 */
export class ModelDesk {
  private histories: Readonly<Record<Task, RoleHistory>> = { 'audio-classification': [], 'audio-event-detection': [] };
  private pictures: readonly LedgerPicture[] = [];

  constructor(private readonly deps: ModelDeskDeps) {}

  rolesOf(task: Task): RoleHistory {
    return this.histories[task];
  }

  model(key: ModelKey): InstalledModel | undefined {
    return this.deps.host.model(key);
  }

  /** Live now, by the clock. */
  liveNow(task: Task): InstalledModel | undefined {
    const nowUs = this.deps.nowUs();
    const key = this.histories[task].findLast(({ effectiveFromUs }) => effectiveFromUs <= nowUs)?.live;
    return key === null || key === undefined ? undefined : this.model(key);
  }

  get ledger(): readonly ModelRoles[] {
    return orderedPictures(this.deps.view);
  }

  /** What is installed here, as the models topic says it. */
  installed(): readonly Model[] {
    const { host, nowUs } = this.deps;
    return [...host.folder.found.values()]
      .map(({ files }) => describeModel(files, this.ledger, nowUs()))
      .sort((a, b) => a.modelId.localeCompare(b.modelId) || a.version.localeCompare(b.version));
  }

  /**
   * Begins: makes sure that the ledger has a picture, and that what the settings name is live when they have changed since, or
   * when what is live is not installed any more.
   */
  async begin(configured: Readonly<Record<Task, ModelKey>>): Promise<void> {
    await this.deps.host.refresh();
    await this.deps.view.ready;
    await this.follow();
    const last = this.ledger.at(-1);
    const before = last === undefined ? undefined : toPicture(last);
    const asked = last === undefined ? undefined : toPicture({ ...last, tasks: last.configured });
    const roles = { ...rolesFor(before) };
    for (const task of tasks) {
      const { live } = roles[task];
      const isChanged = asked?.roles[task].live !== configured[task];
      if (live === null || isChanged || !this.deps.host.isInstalled(live))
        roles[task] = promoted(roles[task], configured[task], false);
    }
    const settings = { performedBy: 'settings', note: '' };
    const isNew = last === undefined || tasks.some((task) => asked?.roles[task].live !== configured[task]);
    if (isNew || !isSameRoles(roles, rolesFor(before))) await this.append(roles, 'start', settings, configured);
    await this.deps.publish(this.installed());
  }

  /** Takes in what the ledger says now: loads what it names, and lets go of what is not needed any more. */
  async follow(): Promise<void> {
    const { host, logger } = this.deps;
    const pictures = this.ledger.map(toPicture);
    for (const key of new Set(pictures.flatMap(modelsInPicture))) {
      if (host.model(key) !== undefined) continue;
      try {
        if ((await host.load(key)) === undefined) logger.warn({ model: key }, 'A model of the ledger is not installed here');
      } catch (error) {
        if (!(error instanceof BundleError)) throw error;
        logger.error({ model: key, problems: error.problems }, 'A model of the ledger is not usable here');
      }
    }
    this.pictures = pictures;
    this.settle();
  }

  /** Networks that nobody needs any more give back what they take. */
  async tidy(): Promise<void> {
    const sinceUs = this.deps.nowUs() - REST_AFTER_US;
    const needed = tasks.flatMap((task) => {
      const history = this.histories[task];
      const inForce = history.findLastIndex(({ effectiveFromUs }) => effectiveFromUs <= sinceUs);
      return history.slice(Math.max(0, inForce)).flatMap(({ live, shadow }) => [...(live === null ? [] : [live]), ...shadow]);
    });
    await this.deps.host.rest(new Set(needed));
    this.settle();
  }

  async promote(modelId: string, version: string, keepInShadow: boolean, by: Performer): Promise<ModelRoles> {
    const { key, task } = await this.usable(modelId, version);
    return this.change(task, 'promote', by, (before) => promoted(before, key, keepInShadow));
  }

  async shadow(modelId: string, version: string, isOn: boolean, by: Performer): Promise<ModelRoles> {
    const { key, task } = await this.usable(modelId, version);
    const { live } = this.latest().roles[task];
    if (isOn && live === key) throw new ModelError('nothing_to_do', `${key} is live: it can't be in shadow too`);
    return this.change(task, 'shadow', by, (before) => shadowed(before, key, isOn));
  }

  /** task undefined: the one whose live model was changed last. */
  async rollback(task: Task | undefined, by: Performer): Promise<ModelRoles> {
    const which = task ?? this.changedLast();
    const key = which === undefined ? undefined : previousLive(this.pictures, which);
    if (which === undefined || key === undefined)
      throw new ModelError('nothing_to_do', `There is no model to go back to${task === undefined ? '' : ` for ${task}`}`);
    const at = key.lastIndexOf('@');
    await this.usable(key.slice(0, at), key.slice(at + 1));
    return this.change(which, 'rollback', by, (before) => promoted(before, key, false));
  }

  private changedLast(): Task | undefined {
    const changes = tasks.map((task) => ({
      task,
      at: this.pictures.findLastIndex(
        ({ roles }, index) => index > 0 && roles[task].live !== this.pictures[index - 1]?.roles[task].live,
      ),
    }));
    const [latest] = changes.sort((a, b) => b.at - a.at);
    return latest === undefined || latest.at < 0 ? undefined : latest.task;
  }

  private async usable(modelId: string, version: string): Promise<{ readonly key: ModelKey; readonly task: Task }> {
    const { host } = this.deps;
    const { found, unusable } = await host.refresh();
    const versions = [...found.values()].filter(({ files }) => files.manifest.id === modelId);
    const chosen = version === '' ? versions : versions.filter(({ files }) => files.manifest.version === version);
    const [one] = chosen;
    if (chosen.length > 1)
      throw new ModelError('ambiguous', `Which version: ${versions.map(({ key }) => key).join(', ')} are installed`);
    if (one === undefined) {
      const broken = unusable.filter(({ directory }) => directory.split('/').at(-1)?.startsWith(modelId) === true);
      const why = broken.map(({ directory, problems }) => `\n${directory}:\n  ${problems.join('\n  ')}`).join('');
      const known = [...found.keys()].join(', ') || 'none';
      throw new ModelError(
        broken.length > 0 ? 'not_usable' : 'not_found',
        `No usable model ${version === '' ? modelId : modelKey(modelId, version)} is installed (there are: ${known})${why}`,
      );
    }
    try {
      await host.load(one.key);
    } catch (error) {
      if (error instanceof BundleError) throw new ModelError('not_usable', error.message);
      throw error;
    }
    return { key: one.key, task: one.files.manifest.task };
  }

  private latest(): LedgerPicture {
    const last = this.ledger.at(-1);
    if (last === undefined) throw new Error('The ledger of roles is empty');
    return toPicture(last);
  }

  private async change(
    task: Task,
    action: LedgerPicture['action'],
    by: Performer,
    make: (before: TaskRoles) => TaskRoles,
  ): Promise<ModelRoles> {
    const last = this.ledger.at(-1);
    const before = this.latest();
    const roles = { ...before.roles, [task]: make(before.roles[task]) };
    if (last !== undefined && isSameRoles(roles, before.roles)) return last;
    const configured = last === undefined ? before : toPicture({ ...last, tasks: last.configured });
    const made = await this.append(roles, action, by, {
      'audio-classification': configured.roles['audio-classification'].live ?? '',
      'audio-event-detection': configured.roles['audio-event-detection'].live ?? '',
    });
    await this.deps.publish(this.installed());
    return made;
  }

  private async append(
    roles: LedgerPicture['roles'],
    action: LedgerPicture['action'],
    { performedBy, note }: Performer,
    configured: Readonly<Record<Task, ModelKey>>,
  ): Promise<ModelRoles> {
    const { view, namespace, nowUs, leadUs, logger } = this.deps;
    const lastUs = this.ledger.at(-1)?.effectiveFromUs;
    const createdUs = nowUs();
    const made = await appendPicture(
      { producer: await this.deps.producer(), namespace, view },
      {
        effectiveFromUs: lastUs === undefined ? 0 : Math.max(createdUs + leadUs, lastUs + 1),
        tasks: rolesMessage(roles),
        action,
        performedBy,
        note,
        configured: rolesMessage({
          'audio-classification': { live: configured['audio-classification'], shadow: [] },
          'audio-event-detection': { live: configured['audio-event-detection'], shadow: [] },
        }),
      },
      randomUUID(),
      createdUs,
    );
    await this.follow();
    logger.info({ roles, action, performedBy, effectiveFromUs: made.effectiveFromUs }, 'Roles of models change');
    return made;
  }

  private settle(): void {
    const isLoaded = (key: ModelKey) => this.deps.host.model(key) !== undefined;
    this.histories = {
      'audio-classification': roleHistoryOf(this.pictures, 'audio-classification', isLoaded),
      'audio-event-detection': roleHistoryOf(this.pictures, 'audio-event-detection', isLoaded),
    };
  }
}

const rolesFor = (picture: LedgerPicture | undefined): Record<Task, TaskRoles> => ({
  'audio-classification': picture?.roles['audio-classification'] ?? nobody,
  'audio-event-detection': picture?.roles['audio-event-detection'] ?? nobody,
});

const isSameRoles = (a: LedgerPicture['roles'], b: LedgerPicture['roles']): boolean =>
  tasks.every(
    (task) =>
      a[task].live === b[task].live &&
      a[task].shadow.length === b[task].shadow.length &&
      a[task].shadow.every((key) => b[task].shadow.includes(key)),
  );
