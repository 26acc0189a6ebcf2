/**
 * The thread of one network: it holds the ONNX session, and ends with it. Run by `network.ts`; imports nothing of ours,
 * so that it runs as it stands.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Layout, Reply, Request } from './network-protocol.js';

const port = parentPort;
if (port === null) throw new Error('Only as a worker');
const reply = (message: Reply): void => port.postMessage(message);

/** One thread: throughput comes from batches, and cores belong to the other services. */
const open = (model: Uint8Array): Promise<InferenceSession> =>
  InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
  });

const createRun = (session: InferenceSession, layout: Layout) => {
  const { codes, inputs, outputs, dB } = layout;
  const shown = new Uint8Array(codes.memory);
  const level = new Float32Array(shown.length);
  const shared = (memory: SharedArrayBuffer) => ({
    shared: new Float32Array(memory),
    own: new Float32Array(memory.byteLength / 4),
  });
  const taken = inputs.map((one) => ({ ...one, ...shared(one.memory) }));
  const given = outputs.map((one) => ({ ...one, ...shared(one.memory) }));
  const tensor = (values: Float32Array, rows: number, { size, shape }: { size: number; shape: readonly number[] }) =>
    new Tensor('float32', values.subarray(0, rows * size), [rows, ...shape]);
  return async (rows: number): Promise<void> => {
    for (let i = 0; i < rows * codes.size; i += 1) level[i] = dB[shown[i] as number] as number;
    for (const { own, shared: from, size } of taken) own.set(from.subarray(0, rows * size));
    await session.run(
      Object.fromEntries([
        [codes.name, tensor(level, rows, codes)],
        ...taken.map((one) => [one.name, tensor(one.own, rows, one)] as const),
      ]),
      Object.fromEntries(given.map((one) => [one.name, tensor(one.own, rows, one)])),
    );
    for (const { own, shared: to, size } of given) to.set(own.subarray(0, rows * size));
  };
};

const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));

try {
  const session = await open(workerData as Uint8Array);
  let run: ((rows: number) => Promise<void>) | undefined;
  port.on('message', (request: Request) => {
    if (request.kind === 'layout') run = createRun(session, request.layout);
    else if (request.kind === 'run' && run !== undefined)
      run(request.rows).then(
        () => reply({ kind: 'done' }),
        (error: unknown) => reply({ kind: 'failed', cause: told(error) }),
      );
    else if (request.kind === 'close') void session.release().finally(() => port.close());
  });
  reply({ kind: 'open', inputs: session.inputMetadata, outputs: session.outputMetadata });
} catch (error) {
  reply({ kind: 'failed', cause: told(error) });
  port.close();
}
