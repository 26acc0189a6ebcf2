export type * from './types.js';
export { analyseSignal, type AnalyseOptions } from './analyse-signal.js';
export {
  createExtractFeatures,
  defaultFeatureConfig,
  type FeatureConfig,
  type FeatureDependencies,
  type FeatureState,
} from './extract-features.js';
