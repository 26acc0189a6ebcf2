import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { canonicalFrontEnd } from '@earshot/core/classification';
import { ResolverAwayError } from '@earshot/core/stage';
import type { Layout, Reply, Request, Slot } from './network-protocol.js';
import { createRunQueue } from './run-queue.js';

/** Rows of one run: beyond it nothing is gained, and the latency of other work grows. */
export const MAX_BATCH = 64;

/**
 * Batches are filled up to a multiple of this: vectorised operators compute the rest of a batch in another way, and a
 * row's result would depend, in its last bits, on the batch that it came in.
 */
const BATCH_STEP = 4;

export interface TensorShape {
  readonly name: string;
  /** Of a row. */
  readonly shape: readonly number[];
}

export interface NetworkShape {
  /** Shown as uint8 codes; the network sees dB. */
  readonly codes: TensorShape;
  /** float32. */
  readonly inputs: readonly TensorShape[];
  readonly outputs: readonly TensorShape[];
}

export interface NetworkRow {
  readonly codes: Uint8Array;
  /** In the order of the shape's inputs. */
  readonly inputs: readonly Float32Array[];
}

export interface Network {
  /** Per row the outputs, in the order of the shape's outputs; copies. A row's outputs do not depend on the others. */
  run(rows: readonly NetworkRow[]): Promise<readonly (readonly Float32Array[])[]>;
  /** Ends the thread, and with it all that the session takes, until the next run. What is under way is finished first. */
  rest(): Promise<void>;
  /** The same, for good. */
  close(): Promise<void>;
}

/** A thread with an open session, and what the session says of itself. */
export interface OpenThread {
  readonly worker: Worker;
  readonly inputs: Extract<Reply, { kind: 'open' }>['inputs'];
  readonly outputs: Extract<Reply, { kind: 'open' }>['outputs'];
}

/** The worker runs as it stands: compiled beside this file, or as source where this file is. */
const workerFile = new URL(`./network-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Opens a session on a thread of its own. Rejects with what ONNX Runtime says of the model. */
export const openThread = async (model: Uint8Array): Promise<OpenThread> => {
  const worker = new Worker(workerFile, { workerData: model, name: 'onnx', execArgv: [] });
  const reply = await nextReply(worker);
  if (reply.kind === 'open') return { worker, inputs: reply.inputs, outputs: reply.outputs };
  await worker.terminate();
  throw new Error(reply.kind === 'failed' ? reply.cause : `the thread said ${reply.kind}`);
};

/** A thread keeps the process alive only while something is asked of it. */
const nextReply = (worker: Worker): Promise<Reply> =>
  new Promise((resolve, reject) => {
    worker.ref();
    const settle = (act: () => void): void => {
      worker.unref();
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      act();
    };
    const onMessage = (reply: Reply): void => settle(() => resolve(reply));
    const onError = (error: unknown): void =>
      settle(() => reject(new ResolverAwayError('The thread of a network failed', { cause: error })));
    const onExit = (code: number): void =>
      settle(() => reject(new ResolverAwayError(`The thread of a network ended (${code})`)));
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
  });

const send = (worker: Worker, request: Request): void => worker.postMessage(request);

const sizeOf = ({ shape }: TensorShape): number => shape.reduce((product, size) => product * size, 1);

const slotOf = (tensor: TensorShape, bytesPerValue: number): Slot => {
  const size = sizeOf(tensor);
  return { ...tensor, size, memory: new SharedArrayBuffer(MAX_BATCH * size * bytesPerValue) };
};

const dB = Float32Array.from({ length: 256 }, (_, code) => canonicalFrontEnd.floorDb + canonicalFrontEnd.stepDb * code);

/** A network on its thread; when the thread ends by itself, the next run opens another one. Calls that wait go together. */
export const createNetwork = (model: Uint8Array, first: OpenThread, shape: NetworkShape): Network => {
  const layout: Layout = {
    codes: slotOf(shape.codes, 1),
    dB,
    inputs: shape.inputs.map((one) => slotOf(one, 4)),
    outputs: shape.outputs.map((one) => slotOf(one, 4)),
  };
  const memory = sharedRows(layout);
  let thread: Worker | undefined = attach(first, layout);
  let closed = false;

  const runBatch = async (rows: readonly NetworkRow[]): Promise<readonly (readonly Float32Array[])[]> => {
    thread ??= attach(await openThread(model), layout);
    memory.write(rows);
    const reply = nextReply(thread);
    send(thread, { kind: 'run', rows: Math.ceil(rows.length / BATCH_STEP) * BATCH_STEP });
    const answer = await reply.catch((error: unknown) => {
      thread = undefined;
      throw error;
    });
    if (answer.kind === 'failed') throw new Error(answer.cause);
    return memory.read(rows.length);
  };
  const endThread = async (): Promise<void> => {
    const worker = thread;
    thread = undefined;
    if (worker !== undefined) await closeThread(worker);
  };
  const queue = createRunQueue(runBatch, MAX_BATCH);
  return {
    run: (rows) => {
      const problem = closed ? new ResolverAwayError('The network was closed') : memory.problem(rows);
      return problem === undefined ? queue.run(rows) : Promise.reject(problem);
    },
    rest: () => queue.after(endThread),
    close: () => {
      closed = true;
      return queue.after(endThread);
    },
  };
};

const attach = ({ worker }: OpenThread, layout: Layout): Worker => {
  send(worker, { kind: 'layout', layout });
  return worker;
};

/** Releases the session and waits until the thread is gone. */
export const closeThread = async (worker: Worker): Promise<void> => {
  const ended = once(worker, 'exit');
  worker.ref();
  send(worker, { kind: 'close' });
  await ended;
};

const sharedRows = ({ codes, inputs, outputs }: Layout) => {
  const shown = new Uint8Array(codes.memory);
  const taken = inputs.map((slot) => ({ size: slot.size, name: slot.name, values: new Float32Array(slot.memory) }));
  const given = outputs.map((slot) => ({ size: slot.size, values: new Float32Array(slot.memory) }));
  return {
    problem: (rows: readonly NetworkRow[]): RangeError | undefined => {
      for (const row of rows) {
        if (row.codes.length !== codes.size)
          return new RangeError(`${row.codes.length} codes for "${codes.name}": expected ${codes.size}`);
        for (const [i, { name, size }] of taken.entries())
          if (row.inputs[i]?.length !== size)
            return new RangeError(`${row.inputs[i]?.length ?? 'no'} values for "${name}": expected ${size}`);
      }
      return undefined;
    },
    write: (rows: readonly NetworkRow[]): void => {
      rows.forEach((row, at) => {
        shown.set(row.codes, at * codes.size);
        taken.forEach(({ size, values }, i) => values.set(row.inputs[i] ?? [], at * size));
      });
    },
    read: (count: number): readonly (readonly Float32Array[])[] =>
      Array.from({ length: count }, (_, at) =>
        given.map(({ size, values }) => new Float32Array(values.subarray(at * size, (at + 1) * size))),
      ),
  };
};
