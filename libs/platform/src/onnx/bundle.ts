import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalFrontEnd } from '@earshot/core/classification';
import { InferenceSession } from 'onnxruntime-node';
import { BundleError } from './bundle-error.js';
import { manifestProblems, modelManifest, type ModelManifest } from './manifest.js';

/** A checked model, ready to run. */
export interface ModelBundle {
  readonly directory: string;
  readonly manifest: ModelManifest;
  /** manifest.json as it is. */
  readonly manifestJson: string;
  readonly session: InferenceSession;
}

/**
 * Loads `manifest.json` and the ONNX file beside it, and checks that they belong together and to the canonical front
 * end: schema, SHA-256, front-end parameters, names, types and shapes of inputs and outputs.
 * @throws BundleError with everything that is wrong.
 */
export const loadModelBundle = async (directory: string): Promise<ModelBundle> => {
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
  const session = await openSession(directory, manifest, model, problems);
  problems.push(...sessionProblems(manifest, session));
  if (problems.length > 0) {
    await session.release();
    throw new BundleError(directory, problems);
  }
  return { directory, manifest, manifestJson, session };
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

/** One thread: throughput comes from batches, and cores belong to the other services. */
const openSession = async (
  directory: string,
  { onnx }: ModelManifest,
  model: Buffer,
  problems: readonly string[],
): Promise<InferenceSession> => {
  try {
    return await InferenceSession.create(model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 3,
    });
  } catch (error) {
    const problem = `${onnx.file}: not a model that ONNX Runtime opens: ${(error as Error).message}`;
    throw new BundleError(directory, [...problems, problem], { cause: error });
  }
};

/** Shape of a batch, its first dimension free. */
const sessionProblems = (manifest: ModelManifest, session: InferenceSession): readonly string[] => {
  const { input, outputs, window, labels, embeddingSize, onnx } = manifest;
  const inputs = session.inputMetadata;
  const others = inputs.filter(({ name }) => name !== input.name).map(({ name }) => `"${name}"`);
  return [
    ...tensorProblems('input', input.name, [window.frames, canonicalFrontEnd.melBands], inputs),
    ...(others.length > 0 ? [`it also wants input ${others.join(', ')}`] : []),
    ...tensorProblems('output', outputs.probabilities, [labels.length], session.outputMetadata),
    ...tensorProblems('output', outputs.embedding, [embeddingSize], session.outputMetadata),
  ].map((problem) => `${onnx.file}: ${problem}`);
};

const tensorProblems = (
  kind: 'input' | 'output',
  name: string,
  shape: readonly number[],
  all: InferenceSession['inputMetadata'],
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
    shape.every((size, i) => found.shape[i + 1] === size);
  return fits ? [] : [`${kind} "${name}" is ${seen}, but the manifest asks for ${wanted}, N free`];
};
