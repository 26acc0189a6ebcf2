export * from './types.js';
export { analyseSignal, type AnalyseOptions } from './analyse-signal.js';
