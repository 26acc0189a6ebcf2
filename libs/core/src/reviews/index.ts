export * from './types.js';
export { formatAudacity, parseAudacity } from './audacity.js';
export { formatCsv, parseCsv } from './csv.js';
export {
  clipFileName,
  clipLabels,
  clipPath,
  csvColumns,
  exportFormats,
  reviewsCsv,
  type ExportFormat,
  type TextFile,
} from './export.js';
export { labelFault, labelsOf } from './labels.js';
export { precisionOf, type Precision } from './precision.js';
export { needOf, rankQueue, uncertaintyOf, type Candidate, type LabelTally, type Ranked } from './queue.js';
export { formatRaven, parseRaven } from './raven.js';
