export { BundleError } from './bundle-error.js';
export { loadModelBundle, type ModelBundle } from './bundle.js';
export { createClassifier, MAX_BATCH } from './classifier.js';
export { modelManifest, type ModelManifest } from './manifest.js';
