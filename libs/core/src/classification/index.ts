export * from './types.js';
export * from './models.js';
export * from './front-end.js';
export { modelsOf, pictureAt, type RoleHistory, type RolePicture } from './roles.js';
export type { ScoredSound } from './outputs.js';
export type { Answer, Query } from './ask-models.js';
export * from './score-streams.js';
export * from './classify-signal.js';
export * from './clip-result.js';
