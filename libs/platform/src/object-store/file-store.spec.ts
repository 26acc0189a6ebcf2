import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openFileStore, type FileStore } from './file-store.js';
import { ObjectStoreFullError } from './port.js';

const HOUR_MS = 3_600_000;
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('a file store', () => {
  let folder: string;
  const open = (): Promise<FileStore> => openFileStore({ folder, maxBytes: 10, retentionMs: HOUR_MS });
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'earshot-objects-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('gives back what was put, also after it was opened again', async () => {
    await (await open()).put('t1/a/clip.wav', bytes(1, 2, 3));
    const again = await open();
    expect(await again.get('t1/a/clip.wav')).toEqual(bytes(1, 2, 3));
    expect(await again.has('t1/a/clip.wav')).toBe(true);
    expect(again.usage()).toEqual({ objects: 1, bytes: 3 });
  });

  it('knows nothing of what was never put or was deleted', async () => {
    const store = await open();
    expect(await store.get('t1/none')).toBeUndefined();
    await store.put('t1/a', bytes(1));
    await store.delete('t1/a');
    await store.delete('t1/a');
    expect([await store.get('t1/a'), await store.has('t1/a')]).toEqual([undefined, false]);
    expect(store.usage()).toEqual({ objects: 0, bytes: 0 });
  });

  it('takes no more than its bound; an object that is replaced counts once', async () => {
    const store = await open();
    await store.put('a', new Uint8Array(6));
    await store.put('a', new Uint8Array(8));
    await expect(store.put('b', new Uint8Array(3))).rejects.toThrow(ObjectStoreFullError);
    await store.put('b', new Uint8Array(2));
    expect(store.usage()).toEqual({ objects: 2, bytes: 10 });
  });

  it('holds its bound when many put at once', async () => {
    const store = await open();
    const puts = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => store.put(`k${i}`, new Uint8Array(3))));
    expect(puts.filter(({ status }) => status === 'fulfilled').length).toBe(3);
    expect(store.usage().bytes).toBe(9);
  });

  it.each(['', '/etc/passwd', '../up', 'a/../b', 'a//b', 'a/', '.hidden', 'a b', 'a\\b', 'a\0'])(
    'refuses the key %j and touches nothing',
    async (key) => {
      const store = await open();
      await expect(store.put(key, bytes(1))).rejects.toThrow(RangeError);
      await expect(store.get(key)).rejects.toThrow(RangeError);
      await expect(store.delete(key)).rejects.toThrow(RangeError);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('forgets what is older than its retention, and what a crash left', async () => {
    const store = await open();
    await store.put('t1/old', bytes(1));
    const { mtimeMs } = await stat(path.join(folder, 't1', 'old'));
    await writeFile(path.join(folder, 't1', '.partial-x'), 'half');
    expect(await store.sweep(mtimeMs + HOUR_MS - 60_000)).toBe(0);
    expect(await store.sweep(mtimeMs + HOUR_MS + 60_000)).toBe(1);
    expect(await readdir(path.join(folder, 't1'))).toEqual([]);
    expect(store.usage()).toEqual({ objects: 0, bytes: 0 });
  });
});
