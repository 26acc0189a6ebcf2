import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { modelKey } from '@earshot/core/classification';
import { BundleError, loadModelBundle } from '@earshot/platform/onnx';
import { UserError } from '../process/wait.js';

/**
 * Checks a bundle whole and copies it into the models folder, as `<id>-<version>`, in one step: whoever reads the folder sees
 * all of it or nothing. Answers its id@version and where it lies.
 */
export const installBundle = async (
  directory: string,
  folder: string,
): Promise<{ readonly model: string; readonly directory: string }> => {
  const bundle = await loadModelBundle(directory).catch((error: unknown) => {
    throw error instanceof BundleError ? new UserError(error.message) : error;
  });
  await bundle.network.close();
  const { id, version, onnx } = bundle.manifest;
  const target = path.join(folder, `${id}-${version}`);
  const isThere = await stat(target).then(
    () => true,
    () => false,
  );
  if (isThere) throw new UserError(`${target} is there already: a version is installed once and never changed`);
  const incoming = path.join(folder, `.incoming-${id}-${version}`);
  await mkdir(folder, { recursive: true });
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming);
  for (const file of ['manifest.json', onnx.file, 'MODEL_CARD.md'])
    await cp(path.join(directory, file), path.join(incoming, file)).catch((error: unknown) => {
      if (file !== 'MODEL_CARD.md') throw error;
    });
  await rename(incoming, target);
  return { model: modelKey(id, version), directory: target };
};
