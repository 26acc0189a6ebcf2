export { runStageService, type StageServiceOptions } from './run-stage-service.js';
export { StageTransportStrategy } from './strategy.js';
