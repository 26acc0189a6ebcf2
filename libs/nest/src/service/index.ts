export { createContext, type OwnedContext } from './context.js';
export { orExit, runParts } from './lifecycle.js';
export { nestLogger } from './nest-logger.js';
export { MAX_PARAM_LENGTH, runService, type ServiceOptions } from './run-service.js';
export type { ServiceContext, ServicePart } from './service.js';
