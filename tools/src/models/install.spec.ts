import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { UserError } from '../process/wait.js';
import { installBundle } from './install.js';

jest.setTimeout(60_000);

const TINY = join(import.meta.dirname, '../../../libs/platform/src/onnx/testdata/tiny');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'earshot-install-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('installBundle', () => {
  it('puts a good bundle into the folder, once', async () => {
    const folder = join(directory, 'bundles');
    expect(await installBundle(TINY, folder)).toEqual({ model: 'tiny@1.0.0', directory: join(folder, 'tiny-1.0.0') });
    expect(await readdir(folder)).toEqual(['tiny-1.0.0']);
    expect((await readdir(join(folder, 'tiny-1.0.0'))).sort()).toEqual(['manifest.json', 'model.onnx']);
    await expect(installBundle(TINY, folder)).rejects.toThrow(/there already/);
  });

  it('refuses a bad one with everything that is wrong, and leaves nothing behind', async () => {
    const bad = join(directory, 'bad');
    await cp(TINY, bad, { recursive: true });
    const manifest = JSON.parse(await readFile(join(bad, 'manifest.json'), 'utf8')) as { onnx: object };
    await writeFile(
      join(bad, 'manifest.json'),
      JSON.stringify({ ...manifest, labels: ['a'], onnx: { ...manifest.onnx, sha256: '0'.repeat(64) } }),
    );
    const refused: unknown = await installBundle(bad, join(directory, 'bundles')).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UserError);
    for (const part of ['SHA-256', 'output "probabilities"'])
      expect((refused as UserError).message).toContain(part);
    expect(await readdir(directory)).toEqual(['bad']);
  });
});
