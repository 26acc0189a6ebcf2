import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalFrontEnd, type ClassifierSpec, type SequenceSpec, type Task } from '@earshot/core/classification';
import { BundleError } from './bundle-error.js';
import {
  manifestProblems,
  modelManifest,
  type ClassifierManifest,
  type ModelManifest,
  type SequenceManifest,
} from './manifest.js';
import { closeThread, createNetwork, openThread, type Network, type NetworkShape, type OpenThread } from './network.js';

interface Bundle<M extends ModelManifest> {
  readonly directory: string;
  readonly manifest: M;
  /** manifest.json as it is. */
  readonly manifestJson: string;
  readonly network: Network;
}

export type ClassifierBundle = Bundle<ClassifierManifest> & { readonly task: 'audio-classification' };
/** stateSize: values of the carried state. */
export type SequenceBundle = Bundle<SequenceManifest> & {
  readonly task: 'audio-event-detection';
  readonly stateSize: number;
};
/** A checked model, ready to run, on a thread of its own until its network is closed. */
export type ModelBundle = ClassifierBundle | SequenceBundle;

/** A bundle's files, checked as far as they can be without running the model. */
export interface BundleFiles {
  readonly directory: string;
  readonly manifest: ModelManifest;
  readonly manifestJson: string;
  readonly model: Buffer;
}

/**
 * Loads `manifest.json` and the ONNX file beside it, and checks that they belong together and to the canonical front
 * end: schema, SHA-256, front-end parameters, names, types and shapes of inputs and outputs, and a trial run on silence.
 * @throws BundleError with everything that is wrong.
 */
export const loadModelBundle = async (directory: string): Promise<ModelBundle> => {
  const { files, problems } = await readBundle(directory);
  const thread = await openThread(files.model).catch((error: unknown) => {
    const cause = error instanceof Error ? error.message : String(error);
    const problem = `${files.manifest.onnx.file}: not a model that ONNX Runtime opens: ${cause}`;
    throw new BundleError(directory, [...problems, problem], { cause: error });
  });
  const stateSize = stateSizeOf(files.manifest, thread);
  const shape = shapeOf(files.manifest, stateSize);
  const all = [...problems, ...sessionProblems(files.manifest, shape, thread)];
  if (all.length > 0) {
    await closeThread(thread.worker);
    throw new BundleError(directory, all);
  }
  const network = createNetwork(files.model, thread, shape);
  const failure = await trialProblem(files.manifest, network, shape);
  if (failure !== undefined) {
    await network.close();
    throw new BundleError(directory, [failure]);
  }
  const { manifest, manifestJson } = files;
  return manifest.task === 'audio-classification'
    ? { directory, task: manifest.task, manifest, manifestJson, network }
    : { directory, task: manifest.task, manifest, manifestJson, network, stateSize };
};

/** The same, of a bundle for this task. */
export const loadBundleFor = async <T extends Task>(
  task: T,
  directory: string,
): Promise<Extract<ModelBundle, { readonly task: T }>> => {
  const bundle = await loadModelBundle(directory);
  if (isFor(task, bundle)) return bundle;
  await bundle.network.close();
  throw new BundleError(directory, [`manifest.json: task: is ${bundle.task}, but ${task} is wanted`]);
};

const isFor = <T extends Task>(task: T, bundle: ModelBundle): bundle is Extract<ModelBundle, { readonly task: T }> =>
  bundle.task === task;

/** The bundle's files, with what is wrong with them that does not keep the model from being opened. */
export const readBundle = async (
  directory: string,
): Promise<{ readonly files: BundleFiles; readonly problems: readonly string[] }> => {
  const manifestJson = await readIn(directory, 'manifest.json').then((bytes) => bytes.toString('utf8'));
  const json = parseJson(directory, manifestJson);
  const problems = [...manifestProblems(json)];
  const parsed = modelManifest.safeParse(json);
  if (!parsed.success) throw new BundleError(directory, problems);
  const manifest = parsed.data;
  const model = await readIn(directory, manifest.onnx.file);
  const sha256 = createHash('sha256').update(model).digest('hex');
  if (sha256 !== manifest.onnx.sha256)
    problems.push(`${manifest.onnx.file}: SHA-256 is ${sha256}, but the manifest says ${manifest.onnx.sha256}`);
  return { files: { directory, manifest, manifestJson, model }, problems };
};

const readIn = async (directory: string, file: string): Promise<Buffer> => {
  try {
    return await readFile(join(directory, file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new BundleError(directory, [`${file}: can't be read (${code})`], { cause: error });
  }
};

const parseJson = (directory: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BundleError(directory, [`manifest.json: ${(error as Error).message}`], { cause: error });
  }
};

const { melBands } = canonicalFrontEnd;

/** What the manifest says that the model takes and gives. */
const shapeOf = (manifest: ModelManifest, stateSize: number): NetworkShape => {
  if (manifest.task === 'audio-classification') {
    const { input, outputs, window, labels, embeddingSize } = manifest;
    return {
      codes: { name: input.name, shape: [window.frames, melBands] },
      inputs: [],
      outputs: [
        { name: outputs.probabilities, shape: [labels.length] },
        { name: outputs.embedding, shape: [embeddingSize] },
      ],
    };
  }
  const { blockFrames, pastFrames, futureFrames, stepFrames } = manifest.sequence;
  return {
    codes: { name: 'logmel', shape: [pastFrames + blockFrames + futureFrames, melBands] },
    inputs: [{ name: 'state', shape: [stateSize] }],
    outputs: [
      { name: 'probabilities', shape: [blockFrames / stepFrames, manifest.labels.length] },
      { name: 'state_next', shape: [stateSize] },
    ],
  };
};

/** What the manifest says, or the model itself; 1 when it has none that could be asked for. */
const stateSizeOf = (manifest: ModelManifest, { inputs }: OpenThread): number => {
  if (manifest.task === 'audio-event-detection' && manifest.state !== undefined) return manifest.state.size;
  const state = inputs.find(({ name }) => name === 'state');
  const size = state?.isTensor === true ? state.shape[1] : undefined;
  return typeof size === 'number' && size > 0 ? size : 1;
};

/** What goes wrong when the model is shown silence. */
const trialProblem = async (
  { onnx }: ModelManifest,
  network: Network,
  { codes, inputs }: NetworkShape,
): Promise<string | undefined> => {
  const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
  const row = {
    codes: new Uint8Array(sizeOf(codes.shape)),
    inputs: inputs.map(({ shape }) => new Float32Array(sizeOf(shape))),
  };
  try {
    const [outputs] = await network.run([row]);
    const wrong = outputs?.[0]?.find((probability) => !(probability >= 0 && probability <= 1));
    return wrong === undefined ? undefined : `${onnx.file}: a probability of silence is ${wrong}: expected 0 to 1`;
  } catch (error) {
    return `${onnx.file}: does not run on silence: ${error instanceof Error ? error.message : String(error)}`;
  }
};

const sessionProblems = (
  { onnx }: ModelManifest,
  { codes, inputs, outputs }: NetworkShape,
  session: OpenThread,
): readonly string[] => {
  const wanted = [codes, ...inputs];
  const others = session.inputs
    .filter(({ name }) => !wanted.some((one) => one.name === name))
    .map(({ name }) => `"${name}"`);
  return [
    ...wanted.flatMap(({ name, shape }) => tensorProblems('input', name, shape, session.inputs)),
    ...(others.length > 0 ? [`it also wants input ${others.join(', ')}`] : []),
    ...outputs.flatMap(({ name, shape }) => tensorProblems('output', name, shape, session.outputs)),
  ].map((problem) => `${onnx.file}: ${problem}`);
};

const tensorProblems = (
  kind: 'input' | 'output',
  name: string,
  shape: readonly number[],
  all: OpenThread['inputs'],
): readonly string[] => {
  const found = all.find((each) => each.name === name);
  const wanted = `float32 [N, ${shape.join(', ')}]`;
  if (found === undefined)
    return [`no ${kind} "${name}"; it has ${all.map((each) => `"${each.name}"`).join(', ') || 'none'}`];
  const seen = found.isTensor ? `${found.type} [${found.shape.join(', ')}]` : 'not a tensor';
  const fits =
    found.isTensor &&
    found.type === 'float32' &&
    typeof found.shape[0] === 'string' &&
    found.shape.length === shape.length + 1 &&
    // Where the graph leaves an output's size open the trial run tells.
    shape.every((size, i) => found.shape[i + 1] === size || (kind === 'output' && isOpen(found.shape[i + 1])));
  return fits ? [] : [`${kind} "${name}" is ${seen}, but the manifest asks for ${wanted}, N free`];
};

const isOpen = (size: number | string | undefined): boolean => typeof size === 'string';

export function specOf(bundle: ClassifierBundle): ClassifierSpec;
export function specOf(bundle: SequenceBundle): SequenceSpec;
export function specOf(bundle: ModelBundle): ClassifierSpec | SequenceSpec {
  const { id, version, labels } = bundle.manifest;
  const identity = { modelId: id, modelVersion: version, labels };
  return bundle.task === 'audio-classification'
    ? { ...identity, task: bundle.task, window: bundle.manifest.window }
    : { ...identity, task: bundle.task, sequence: bundle.manifest.sequence, stateSize: bundle.stateSize };
}
