export { BundleError } from './bundle-error.js';
export {
  loadBundleFor,
  loadModelBundle,
  readBundle,
  specOf,
  type BundleFiles,
  type ClassifierBundle,
  type ModelBundle,
  type SequenceBundle,
} from './bundle.js';
export { createClassifier } from './classifier.js';
export { createSequence } from './sequence.js';
export { createModel } from './model.js';
export { MAX_BATCH } from './network.js';
export { detectionRule, modelManifest, type ModelManifest } from './manifest.js';
