import type { InstalledModel, ModelKey } from '@earshot/core/classification';
import { createModel, loadModelBundle, type ModelBundle } from '@earshot/platform/onnx';
import type { Logger } from '@earshot/platform/telemetry';
import { readBundleFolder, type BundleFolder } from './bundle-folder.js';

interface Hosted {
  readonly bundle: ModelBundle;
  readonly model: InstalledModel;
}

export interface ModelHostDeps {
  readonly folder: string;
  /** Directories of bundles outside of the folder. */
  readonly extra: readonly string[];
  readonly logger: Logger;
  readonly measured: (model: InstalledModel) => InstalledModel;
}

/**
 * The bundles that are installed here, and the networks of those that are needed. A network that is in force has its thread;
 * one that is not (of a picture that is past) takes one when it is asked, and gives it back when it rests.
 */
export class ModelHost {
  private hosted = new Map<ModelKey, Hosted>();
  private contents: BundleFolder = { found: new Map(), unusable: [] };
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: ModelHostDeps) {}

  /** What the folder held when it was last read. */
  get folder(): BundleFolder {
    return this.contents;
  }

  /** Reads the folder again: what was put there since is installed. */
  async refresh(): Promise<BundleFolder> {
    this.contents = await readBundleFolder(this.deps.folder, this.deps.extra);
    return this.contents;
  }

  isInstalled(key: ModelKey): boolean {
    return this.hosted.has(key) || this.contents.found.has(key);
  }

  /** undefined: not loaded. */
  model(key: ModelKey): InstalledModel | undefined {
    return this.hosted.get(key)?.model;
  }

  get loaded(): readonly ModelKey[] {
    return [...this.hosted.keys()];
  }

  /**
   * Checks the bundle whole and loads it; the same bundle again changes nothing. undefined: not installed.
   * @throws BundleError with everything that is wrong.
   */
  load(key: ModelKey): Promise<ModelBundle | undefined> {
    return this.inTurn(async () => {
      const before = this.hosted.get(key);
      if (before !== undefined) return before.bundle;
      const found = this.contents.found.get(key) ?? (await this.refresh()).found.get(key);
      if (found === undefined) return undefined;
      const bundle = await loadModelBundle(found.files.directory);
      this.hosted.set(key, { bundle, model: this.deps.measured(createModel(bundle)) });
      this.deps.logger.info({ model: key, directory: bundle.directory }, 'Model is loaded');
      return bundle;
    });
  }

  /** Networks of models that are not in `needed` give their threads back; those of bundles that are gone go with them. */
  rest(needed: ReadonlySet<ModelKey>): Promise<void> {
    return this.inTurn(async () => {
      for (const [key, { bundle }] of this.hosted) {
        if (needed.has(key)) continue;
        if (this.contents.found.has(key)) {
          await bundle.network.rest();
          continue;
        }
        this.hosted.delete(key);
        await bundle.network.close();
        this.deps.logger.info({ model: key }, 'Model is not installed any more');
      }
    });
  }

  close(): Promise<void> {
    return this.inTurn(async () => {
      const all = [...this.hosted.values()];
      this.hosted = new Map();
      await Promise.all(all.map(({ bundle }) => bundle.network.close()));
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}
