import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readTar, tarEnd, tarFile, type TarFile } from './tar.js';

const archive = (files: readonly TarFile[]): Uint8Array =>
  new Uint8Array(Buffer.concat([...files.map((file) => tarFile(file, 1_795_000_000)), tarEnd()]));

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of what is there
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const read = async (bytes: Uint8Array, size = 700): Promise<TarFile[]> => {
  const files: TarFile[] = [];
  for await (const file of readTar(pieces(bytes, size), 10_000)) files.push(file);
  return files;
};

const segment = fc
  .string({ unit: fc.constantFrom(...Array.from('abcXYZ019-_ü.')), minLength: 1, maxLength: 30 })
  .filter((s) => !/^\.+$/.test(s));
const file = fc.record({
  path: fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  bytes: fc.uint8Array({ maxLength: 2_000 }),
});

describe('tar', () => {
  it('gives back every file, however its bytes come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 5 }), fc.integer({ min: 1, max: 3_000 }), async (files, size) => {
        expect(await read(archive(files), size)).toEqual(files);
      }),
      { numRuns: 50 },
    );
  });

  it('is what tar itself unpacks', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'earshot-tar-'));
    const bytes = Uint8Array.from({ length: 1_000 }, (_, i) => i % 256);
    const { status, stderr } = spawnSync('tar', ['-xf', '-', '-C', folder], {
      input: archive([
        { path: 'clips/a.wav', bytes },
        { path: 'reviews.csv', bytes: new Uint8Array(0) },
      ]),
    });
    expect([status, stderr.toString()]).toEqual([0, '']);
    expect(new Uint8Array(readFileSync(path.join(folder, 'clips', 'a.wav')))).toEqual(bytes);
    expect(readFileSync(path.join(folder, 'reviews.csv')).length).toBe(0);
    rmSync(folder, { recursive: true });
  });

  it('says when it was cut, anywhere', async () => {
    const whole = archive([{ path: 'a', bytes: new Uint8Array(600) }]);
    for (const length of [0, 100, 512, 1_100, 1_536]) {
      await expect(read(whole.subarray(0, length))).rejects.toThrow(/was cut/);
    }
  });

  it('refuses a wrong sum, a path out of the folder, a file too large', async () => {
    const broken = archive([{ path: 'a', bytes: new Uint8Array(1) }]);
    broken[3] = 65;
    await expect(read(broken)).rejects.toThrow(/sum/);
    for (const bad of ['/etc/x', '../x', 'a/../../x']) {
      await expect(read(archive([{ path: bad, bytes: new Uint8Array(1) }]))).rejects.toThrow(/no path inside/);
    }
    await expect(read(archive([{ path: 'a', bytes: new Uint8Array(10_001) }]))).rejects.toThrow(/up to 10000/);
    expect(() => tarFile({ path: 'x'.repeat(101), bytes: new Uint8Array(0) }, 0)).toThrow(RangeError);
  });
});
