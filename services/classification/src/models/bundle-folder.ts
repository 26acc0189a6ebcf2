import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { modelKey, type ModelKey } from '@earshot/core/classification';
import { BundleError, readBundle, type BundleFiles } from '@earshot/platform/onnx';

/** A directory that holds a bundle, as far as its files tell. */
export interface FoundBundle {
  readonly key: ModelKey;
  readonly files: Omit<BundleFiles, 'model'>;
}

export interface UnusableBundle {
  readonly directory: string;
  readonly problems: readonly string[];
}

export interface BundleFolder {
  readonly found: ReadonlyMap<ModelKey, FoundBundle>;
  readonly unusable: readonly UnusableBundle[];
}

/**
 * The bundles in a folder, one per directory, and those in `extra` directories. A folder that is not there holds none. Of two
 * bundles with one id and version the first in the order of directory names counts; the other one is not usable.
 */
export const readBundleFolder = async (folder: string, extra: readonly string[]): Promise<BundleFolder> => {
  const found = new Map<ModelKey, FoundBundle>();
  const unusable: UnusableBundle[] = [];
  for (const directory of await directoriesOf(folder, extra)) {
    const read = await readBundle(directory).catch((error: unknown) => {
      if (error instanceof BundleError) return { problems: error.problems };
      throw error;
    });
    if (!('files' in read) || read.problems.length > 0) {
      unusable.push({ directory, problems: read.problems });
      continue;
    }
    const { model: _, ...files } = read.files;
    const key = modelKey(files.manifest.id, files.manifest.version);
    const other = found.get(key);
    if (other === undefined) found.set(key, { key, files });
    else unusable.push({ directory, problems: [`manifest.json: ${key} is in ${other.files.directory} too`] });
  }
  return { found, unusable };
};

const directoriesOf = async (folder: string, extra: readonly string[]): Promise<readonly string[]> => {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const inside = names.sort().map((name) => join(folder, name));
  const known = new Set(inside.map((directory) => resolve(directory)));
  const all = [...inside, ...extra.filter((directory) => !known.has(resolve(directory)))];
  const holds = await Promise.all(all.map((directory) => isThere(join(directory, 'manifest.json'))));
  return all.filter((_, index) => holds[index]);
};

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
