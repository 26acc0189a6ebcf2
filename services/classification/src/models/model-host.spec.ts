import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundleError } from '@earshot/platform/onnx';
import { createLogger } from '@earshot/platform/telemetry';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ModelHost } from './model-host.js';

jest.setTimeout(120_000);

const TESTDATA = join(import.meta.dirname, '../../../../libs/platform/src/onnx/testdata');
const logger = createLogger('model-host-test', 'fatal');
const threads = async (): Promise<number> => (await readdir('/proc/self/task')).length;

let folder: string;
let host: ModelHost;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earshot-models-'));
  host = new ModelHost({ folder, extra: [join(TESTDATA, 'tiny')], logger, measured: (model) => model });
});
afterEach(async () => {
  await host.close();
  await rm(folder, { recursive: true });
});

/** A bundle in the folder, with another id or version. */
const install = async (name: string, change: Readonly<Record<string, unknown>>, from = 'sequence') => {
  const directory = join(folder, name);
  await cp(join(TESTDATA, from), directory, { recursive: true });
  const file = join(directory, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...manifest, ...change }));
};
const ask = async (key: string) => {
  const model = host.model(key);
  if (model === undefined || !('sequence' in model)) throw new Error(`${key} is not loaded`);
  const { blockFrames, pastFrames, futureFrames } = model.spec.sequence;
  const codes = new Uint8Array((blockFrames + pastFrames + futureFrames) * 64).fill(120);
  return model.sequence.predict([{ codes, state: new Float32Array(model.spec.stateSize) }]);
};

describe('a model host', () => {
  it('finds bundles in its folder and beside it, and says what is wrong with others', async () => {
    await install('good', { version: '3.0.0' });
    await install('odd', { version: 'three' });
    await install('twice', { version: '3.0.0' });
    const { found, unusable } = await host.refresh();
    expect([...found.keys()]).toEqual(['tiny-sequence@3.0.0', 'tiny@1.0.0']);
    expect(unusable).toEqual([
      { directory: join(folder, 'odd'), problems: ['manifest.json: version: expected major.minor.patch'] },
      {
        directory: join(folder, 'twice'),
        problems: [`manifest.json: tiny-sequence@3.0.0 is in ${join(folder, 'good')} too`],
      },
    ]);
  });

  it('loads what was installed since, checks it whole, and knows what is not there', async () => {
    await host.refresh();
    expect(await host.load('tiny-sequence@2.0.0')).toBeUndefined();
    await install('later', { version: '2.0.0' });
    expect((await host.load('tiny-sequence@2.0.0'))?.manifest.version).toBe('2.0.0');
    expect(await ask('tiny-sequence@2.0.0')).toHaveLength(1);
    // What the files alone do not show.
    await install('wrong', { version: '4.0.0', labels: ['one', 'two', 'three'] });
    await host.refresh();
    await expect(host.load('tiny-sequence@4.0.0')).rejects.toThrow(BundleError);
  });

  it('leaves nothing behind of models that come and go', async () => {
    await install('a', { version: '2.0.0' });
    await install('b', { version: '3.0.0' });
    const keys = ['tiny-sequence@2.0.0', 'tiny-sequence@3.0.0'];
    for (const key of keys) await host.load(key);
    const answers = await Promise.all(keys.map(ask));
    await host.rest(new Set());
    const before = await threads();
    for (let cycle = 0; cycle < 12; cycle += 1) {
      const key = keys[cycle % 2] ?? '';
      expect(await ask(key)).toEqual(answers[cycle % 2]);
      expect(await threads()).toBeGreaterThan(before);
      await host.rest(new Set());
      expect(await threads()).toBe(before);
    }
    // Needed ones keep their thread; what is gone from the folder goes whole.
    for (const key of keys) await ask(key);
    await rm(join(folder, 'b'), { recursive: true });
    await host.refresh();
    await host.rest(new Set(['tiny-sequence@2.0.0']));
    expect(host.loaded).toEqual(['tiny-sequence@2.0.0']);
    expect(await ask('tiny-sequence@2.0.0')).toEqual(answers[0]);
  });
});
