export * from './types.js';
export { compareSequences } from './compare-sequences.js';
export { compareClassifiers, WINDOW_THRESHOLD } from './compare-classifiers.js';
