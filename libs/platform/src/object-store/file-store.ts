import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { OBJECT_KEY_PATTERN, ObjectStoreFullError, type ObjectStore, type ObjectStoreUsage } from './port.js';

export interface FileStoreOptions {
  /** Made when it is missing. One process writes it. */
  readonly folder: string;
  /** Of all objects together; beyond it nothing more is taken. */
  readonly maxBytes: number;
  /** Objects that were written longer ago are removed by `sweep`. */
  readonly retentionMs: number;
}

export interface FileStore extends ObjectStore {
  /** Removes what is older than the retention, and what a crash left half-written. Answers how many objects went. */
  sweep(nowMs: number): Promise<number>;
}

/** Names of what is being written; no key begins with a dot. */
const PARTIAL = '.partial-';

interface Kept {
  readonly bytes: number;
  readonly writtenMs: number;
}

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';

const checked = (key: string): string => {
  if (!OBJECT_KEY_PATTERN.test(key) || key.length > 500)
    throw new RangeError(
      `object key ${JSON.stringify(key)}: expected segments of A-Z a-z 0-9 . _ - with / between them`,
    );
  return key;
};

/** Every file below the folder, as a key; nothing when the folder is not there. */
const filesOf = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
};

/** Written whole or not at all, and on disk when the promise resolves. */
const writeWhole = async (file: string, bytes: Uint8Array): Promise<void> => {
  await mkdir(path.dirname(file), { recursive: true });
  const partial = path.join(path.dirname(file), `${PARTIAL}${randomUUID()}`);
  const handle = await open(partial, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, file);
};

/**
 * Objects as files below a folder. The sizes are read once, when it is opened: files that others put there later are served but not
 * counted. Calls that change something take turns, so the bound holds.
 */
export const openFileStore = async ({ folder, maxBytes, retentionMs }: FileStoreOptions): Promise<FileStore> => {
  await mkdir(folder, { recursive: true });
  const kept = new Map<string, Kept>();
  let bytesKept = 0;
  const fileOf = (key: string): string => path.join(folder, ...checked(key).split('/'));
  const account = (key: string, now: Kept | undefined): void => {
    bytesKept += (now?.bytes ?? 0) - (kept.get(key)?.bytes ?? 0);
    if (now === undefined) kept.delete(key);
    else kept.set(key, now);
  };
  for (const key of (await filesOf(folder)).filter((name) => OBJECT_KEY_PATTERN.test(name))) {
    const { size, mtimeMs } = await stat(fileOf(key));
    account(key, { bytes: size, writtenMs: mtimeMs });
  }

  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = turn.then(task, task);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const remove = async (key: string): Promise<void> => {
    await rm(fileOf(key), { force: true });
    account(key, undefined);
  };

  return {
    put: async (key, bytes) => {
      const file = fileOf(key);
      await inTurn(async () => {
        const after = bytesKept - (kept.get(key)?.bytes ?? 0) + bytes.length;
        if (after > maxBytes)
          throw new ObjectStoreFullError(`${folder} holds ${bytesKept} bytes; ${bytes.length} more pass ${maxBytes}`);
        await writeWhole(file, bytes);
        account(key, { bytes: bytes.length, writtenMs: Date.now() });
      });
    },
    get: async (key) => {
      try {
        return new Uint8Array(await readFile(fileOf(key)));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    has: async (key) => {
      try {
        return (await stat(fileOf(key))).isFile();
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
    },
    delete: async (key) => {
      checked(key);
      await inTurn(() => remove(key));
    },
    usage: (): ObjectStoreUsage => ({ objects: kept.size, bytes: bytesKept }),
    sweep: (nowMs) =>
      inTurn(async () => {
        const old = [...kept].filter(([, { writtenMs }]) => writtenMs < nowMs - retentionMs).map(([key]) => key);
        for (const key of old) await remove(key);
        for (const name of await filesOf(folder)) {
          if (path.posix.basename(name).startsWith(PARTIAL)) await rm(path.join(folder, name), { force: true });
        }
        return old.length;
      }),
  };
};
