export type { DecodeFailure, Decoded, SinkDefinition, StageDefinition, StageInput } from './definition.js';
export { decodeSafely } from './definition.js';
export { deadLetter, dlqHeaders } from './dead-letters.js';
export { SinkRunner } from './sink-runner.js';
export { StageRunner, type RunnerDeps } from './stage-runner.js';
export { isReadableAs } from './snapshots.js';
export { stepKeys, type KeyBatch } from './step.js';
