import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ResolverAwayError } from '@earshot/core/stage';
import { describe, expect, it, jest } from '@jest/globals';
import { createNetwork, openThread } from './network.js';

jest.setTimeout(120_000);

const MODEL = join(import.meta.dirname, 'testdata/tiny/model.onnx');
const shape = {
  codes: { name: 'logmel', shape: [100, 64] },
  inputs: [],
  outputs: [
    { name: 'probabilities', shape: [2] },
    { name: 'embedding', shape: [4] },
  ],
};
const row = { codes: new Uint8Array(6400).fill(100), inputs: [] };
const open = async () => {
  const model = await readFile(MODEL);
  const thread = await openThread(model);
  return { worker: thread.worker, network: createNetwork(model, thread, shape) };
};
const threads = async (): Promise<number> => (await readdir('/proc/self/task')).length;

describe('a network', () => {
  it('leaves no thread behind when it is closed, however often', async () => {
    const once = await open();
    await once.network.run([row]);
    await once.network.close();
    const before = await threads();
    for (let cycle = 0; cycle < 20; cycle += 1) {
      const { network } = await open();
      const [last] = await Promise.all([network.run([row, row]), network.close()]);
      expect(last).toHaveLength(2);
      await expect(network.run([row])).rejects.toThrow(ResolverAwayError);
    }
    expect(await threads()).toBe(before);
  });

  it('that rests has no thread, and takes another one when it is asked again', async () => {
    const { network } = await open();
    const before = await network.run([row]);
    const running = await threads();
    await network.rest();
    expect(await threads()).toBeLessThan(running);
    expect(await network.run([row])).toEqual(before);
    await network.close();
  });

  it('whose thread ends says so, and runs again on another one', async () => {
    const { worker, network } = await open();
    const before = await network.run([row]);
    const under = network.run([row]);
    await worker.terminate();
    // Either it was faster, or it is told that nobody answered.
    const outcome = await under.catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ResolverAwayError);
    const again = async (): Promise<unknown> => network.run([row]).catch(again);
    expect(await again()).toEqual(before);
    await network.close();
  });
});
